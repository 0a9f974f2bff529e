namespace DIDD.Augmentation;

/// <summary>An operation of which a group of images has one: a geometric one of those that a strategy names, or one of all that it names.</summary>
internal enum Operation
{
    /// <summary>None.</summary>
    None,

    /// <summary><see cref="ImageOperations.Crop"/>.</summary>
    Crop,

    /// <summary><see cref="ImageOperations.Scale"/>.</summary>
    Scale,

    /// <summary><see cref="ImageOperations.Rotate"/>.</summary>
    Rotate,

    /// <summary><see cref="ImageOperations.Flip"/>.</summary>
    Flip,

    /// <summary><see cref="ImageOperations.Brightness"/>, <see cref="ImageOperations.Saturation"/> and <see cref="ImageOperations.Contrast"/>.</summary>
    Color,

    /// <summary><see cref="ImageOperations.Cutout"/>.</summary>
    Cutout,
}

namespace DIDD.Augmentation;

/// <summary>A geometric operation; one of those that a strategy names is drawn.</summary>
public enum Geometry
{
    /// <summary>None.</summary>
    None,

    /// <summary><see cref="ImageOperations.Crop"/>.</summary>
    Crop,

    /// <summary><see cref="ImageOperations.Scale"/>.</summary>
    Scale,

    /// <summary><see cref="ImageOperations.Rotate"/>.</summary>
    Rotate,
}

namespace DIDD.Networks;

/// <summary>Kind of a network's normalisation layers.</summary>
public enum Norm
{
    /// <summary>Per image and channel, affine (a group norm of as many groups as channels).</summary>
    Instance,

    /// <summary>Per channel over the batch, affine, running statistics for use.</summary>
    Batch,

    /// <summary>Per image over channels and pixels, affine per element.</summary>
    Layer,

    /// <summary>Per image over each of four groups of channels, affine.</summary>
    Group,

    /// <summary>None.</summary>
    None,
}

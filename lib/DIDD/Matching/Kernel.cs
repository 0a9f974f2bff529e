using static TorchSharp.torch;

namespace DIDD.Matching;

/// <summary>What is known of a kernel before it is made.</summary>
internal sealed record KernelEntry(string Name, Func<Kernel> Create) : Entry<KernelEntry>(Name);

/// <summary>A positive kernel k(u,v) on features.</summary>
internal abstract class Kernel
{
    /// <summary>Kernel matrices per class of x [C,n,d] and y [C,m,d]: K_XX [C,n,n], K_XY [C,n,m], K_YY [C,m,m]; of the type of x, or wider.</summary>
    public abstract (Tensor XX, Tensor XY, Tensor YY) Matrices(Tensor x, Tensor y);

    /// <summary>Squared Euclidean distances, [C,n,m] of [C,n,d] and [C,m,d], ‖u‖²+‖v‖²−2⟨u,v⟩ clamped at 0: no square root, so its gradient is finite at 0.</summary>
    protected static Tensor SquaredDistances(Tensor u, Tensor v) =>
        ((u * u).sum(-1, keepdim: true) + (v * v).sum(-1).unsqueeze(1) - 2 * u.bmm(v.transpose(1, 2))).clamp_min(0);
}

using TorchSharp;

namespace DIDD;

/// <summary>
/// Numbers as libtorch takes them, kept alive while it reads them. TorchSharp makes a <see cref="Scalar"/> of a number that an operator is given, and holds it no
/// longer than until its handle is read: a collection that another thread begins then can free it under libtorch's hands, which ends in
/// "Expected false to be true". So no number goes into an operation of tensors but through here: <c>lib/BannedSymbols.txt</c> makes any other an error of the build.
/// </summary>
internal static class HeldScalars
{
    // More than any operation, or a line of them, takes at once.
    private const int Kept = 256;

    [ThreadStatic]
    private static Scalar[]? _last;

    [ThreadStatic]
    private static int _next;

    /// <summary>A number for the operation that is called with it; not to be kept.</summary>
    /// <param name="value">The number.</param>
    public static Scalar Held(double value) => Keep(value.ToScalar());

    /// <inheritdoc cref="Held(double)"/>
    public static Scalar Held(long value) => Keep(value.ToScalar());

    private static Scalar Keep(Scalar scalar)
    {
        var last = _last ??= new Scalar[Kept];
        _next = (_next + 1) % Kept;
        last[_next] = scalar;
        return scalar;
    }
}

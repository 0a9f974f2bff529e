using System.Reflection;
using System.Reflection.Emit;
using TorchSharp;
using static DIDD.HeldScalars;
using static TorchSharp.torch;

namespace DIDD.Tests;

public class HeldScalarsTests
{
    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    // Where numbers are not held a few in a hundred thousand of these operations fail, or read freed memory.
    [Fact]
    public void Numbers_SurviveCollectionsThatOtherThreadsBegin()
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            using var x = ones([64, 64]);
            for (var i = 1; i <= 200_000; i++)
            {
                using var y = x * Held(i + 0.5);
                if (i % 100 == 0)
                    Assert.Equal(i + 0.5f, y[63, 63].item<float>());
            }
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }

    // The literal loop is for comparison alone, and stays as it is written.
    [Fact]
    public void NoNumber_GoesIntoAnOperationUnheld()
    {
        Assembly[] assemblies = [typeof(HeldScalars).Assembly, typeof(DIDD.Figures.Plot).Assembly];
        var unheld = assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => !(type.FullName ?? "").Contains(nameof(HeldScalars), StringComparison.Ordinal) && !(type.FullName ?? "").Contains(nameof(Verification.SequentialLoop), StringComparison.Ordinal))
            .SelectMany(type => type.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly).OfType<MethodBase>())
            .SelectMany(method => Called(method).Where(IsUnheld).Select(called => $"{method.DeclaringType}.{method.Name} calls {called.Name}({string.Join(", ", called.GetParameters().Select(p => p.ParameterType.Name))})"));
        Assert.Empty(unheld);
        Assert.Contains(Called(((Func<Tensor, Tensor>)Unheld).Method), IsUnheld);
    }

    private static Tensor Unheld(Tensor x) => x * 2.0;

    // A conversion to a Scalar, or an operator of a tensor and a number, which makes one.
    private static bool IsUnheld(MethodBase called) => called.DeclaringType == typeof(Scalar) && called.Name == "op_Implicit"
        || called.DeclaringType == typeof(Tensor) && called.Name.StartsWith("op_", StringComparison.Ordinal) && called.Name != "op_Implicit" && called.GetParameters().Any(parameter => parameter.ParameterType.IsPrimitive);

    private static IEnumerable<MethodBase> Called(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var i = 0; i < code.Length;)
        {
            int value = code[i++];
            if (value == 0xFE)
                value = 0xFE00 | code[i++];
            switch (Codes[value].OperandType)
            {
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    i++;
                    break;
                case OperandType.InlineVar:
                    i += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    i += 8;
                    break;
                case OperandType.InlineSwitch:
                    i += 4 + 4 * BitConverter.ToInt32(code, i);
                    break;
                case OperandType.InlineMethod:
                    yield return method.Module.ResolveMethod(
                        BitConverter.ToInt32(code, i), method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null, method.IsGenericMethod ? method.GetGenericArguments() : null)!;
                    i += 4;
                    break;
                default:
                    i += 4;
                    break;
            }
        }
    }
}

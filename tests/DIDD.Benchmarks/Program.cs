using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using DIDD.Benchmarks;

if (args is ["passes", .. var rounds])
{
    FastPassTable.Write(rounds is [var number] ? int.Parse(number, CultureInfo.InvariantCulture) : 7);
    return;
}
// In this process: a generated project would lay out libtorch once more for every benchmark.
var inProcess = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).AsMutator();
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, DefaultConfig.Instance.AddJob(inProcess));

namespace DIDD.Notebooks.Tests;

/// <summary>Interrupting a cell: it ends within two seconds, and the session goes on.</summary>
public sealed class InterruptTests : SessionTest
{
    [Theory]
    [InlineData("while (true);")]
    [InlineData("while (true) try { System.Threading.Thread.Sleep(10); } catch (Exception) { }")]
    [InlineData("System.Threading.Thread.Sleep(-1);")]
    [InlineData("Task.Delay(-1).Wait();")]
    [InlineData("await Task.Delay(-1);")]
    [InlineData("Enumerable.Range(0, int.MaxValue).Where(n => { System.Threading.Thread.Sleep(100); return false; })")]
    [InlineData("await Task.Yield(); while (true) KernelInvocationContext.Current.CancellationToken.ThrowIfCancellationRequested();")]
    public async Task EndlessCell_EndsWithinTwoSeconds_AndTheSessionGoesOn(string code)
    {
        await RunAsync("var kept = 1;");
        using var interrupt = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var cell = InterruptibleAsync(code, interrupt.Token);
        var error = await cell.WaitAsync(TimeSpan.FromSeconds(4));
        Assert.Equal("Interrupted", error?.Kind);
        Assert.Equal("1", await ValueAsync("kept.ToString()"));
    }

    [Fact]
    public async Task Library_FindsTheTokenOfTheRunningCell()
    {
        using var interrupt = new CancellationTokenSource();
        Assert.Null(await InterruptibleAsync($"var token = (System.Threading.CancellationToken)AppContext.GetData(\"{Session.InterruptKey}\");", interrupt.Token));
        Assert.Equal("True", await ValueAsync("token.CanBeCanceled.ToString()"));
    }
}

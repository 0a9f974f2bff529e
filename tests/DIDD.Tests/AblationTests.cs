using DIDD.Experiments;
using DIDD.Figures;

namespace DIDD.Tests;

public class AblationTests
{
    [Fact]
    public void CommittedGrid_IsTheAblationsOfNotebook4()
    {
        var laptop = Profiles.Spec("laptop");
        var wanted =
            from seed in new long[] { 0, 1, 2 }
            from spec in Ablations.Variants.Skip(1).Select(ablation => ablation.Of(laptop))
                .Concat(Ablations.Orders(laptop).Skip(1).SelectMany(order => new[] { order.Of(laptop), order.Of(laptop with { Rule = "finetune" }) }))
            select (spec with { Seed = seed }).Name;
        var grid = Sweep.Read(Path.Combine(TestFolder.Repository, "data", "specs", "ablations.sweep.json")).Runs().Select(spec => spec.Name);
        Assert.Equal(wanted.Order(), grid.Order());
    }

    [Theory]
    [InlineData("r-mnist", 1, 5)]
    [InlineData("r-mnist", 10, 3)]
    [InlineData("pacs", 10, 5)]
    public void CommittedGridOfControls_IsThoseOfNotebook4(string dataset, int ipc, int seeds)
    {
        var update = Profiles.Spec("laptop", dataset, ipc: ipc);
        var wanted =
            from seed in Enumerable.Range(0, seeds)
            from control in Ablations.Controls(update)
            select (control.Of(update) with { Seed = seed }).Name;
        var grid = Sweep.Read(Path.Combine(TestFolder.Repository, "data", "specs", "controls.sweep.json")).Runs().Where(spec => (spec.Dataset, spec.Ipc) == (dataset, ipc)).Select(spec => spec.Name);
        Assert.Equal(wanted.Order(), grid.Order());
        Assert.Contains("r-mnist IPC 1, r-mnist IPC 10, pacs IPC 10", Assert.Throws<ArgumentException>(() => Ablations.Controls(update with { Ipc = 2 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OrdersOfNamedDomains_AreTheirs()
    {
        var orders = Ablations.Orders(Profiles.Spec("smoke").With("data.domains", "2,4,6,8,10")).Select(order => order.Settings);
        Assert.Equal(["10,8,6,4,2", "2,8,4,10,6"], orders.Skip(1).Select(settings => settings.Single().Value));
        Assert.Equal(2, Ablations.Orders(Profiles.Spec("smoke").With("data.domains", "4,17")).Count);
        Assert.Equal(["", "line,flat,shaded,render", "render,flat,shaded,line"], Ablations.Orders(Profiles.Spec("laptop", "emoji-styles")).Select(order => string.Concat(order.Settings.Select(setting => setting.Value))));
    }

    [Theory]
    [InlineData("smoke", 3)]
    [InlineData("laptop", 20)]
    public void EveryOrder_HasTheSameAngles(string profile, int domains)
    {
        var spec = Profiles.Spec(profile);
        var streams = Ablations.Orders(spec).Select(order => Streams.Open(order.Of(spec)).Domains.Order(StringComparer.Ordinal).ToList()).ToList();
        Assert.Equal(domains, streams[0].Count);
        Assert.All(streams, names => Assert.Equal(streams[0], names));
    }

    [Fact]
    public void WhatIsNotRecorded_IsLeftOutAndSaid()
    {
        var rows = AblationRow.Of([Ablations.Variants[0], new("never run", [("distillation.iterations", "199")])], Profiles.Spec("laptop"), [0, 1, 2]);
        Assert.Equal((3, null), (rows[0].Measured?.Runs.Count, rows[1].Measured));
        Assert.Null(rows[1].Difference(rows[0]));
        Assert.Equal(0, rows[0].Difference(rows[0])!.Mean);
        Assert.Contains("never run (3 seeds)", AblationTables.Of(rows).Caption, StringComparison.Ordinal);
    }
}

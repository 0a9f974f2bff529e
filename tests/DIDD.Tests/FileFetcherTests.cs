using System.Net;
using System.Security.Cryptography;
using DIDD.Data;

namespace DIDD.Tests;

public sealed class FileFetcherTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("didd-fetch-").FullName;
    private readonly byte[] _content = new byte[300_000];
    private readonly HttpListener _server = new();
    private readonly HttpClient _client = new();
    private readonly List<string?> _ranges = [];
    private readonly Uri _address;
    private int _breakAfter = int.MaxValue;
    private bool _ignoreRanges;

    public FileFetcherTests()
    {
        new Random(1).NextBytes(_content);
        using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            _address = new Uri($"http://localhost:{((IPEndPoint)probe.LocalEndpoint).Port}/set.bin");
        }
        _server.Prefixes.Add(_address.GetLeftPart(UriPartial.Authority) + "/");
        _server.Start();
        _ = ServeAsync();
    }

    public void Dispose()
    {
        _server.Close();
        _client.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

#pragma warning disable CA5351 // What owners publish.
    private PublishedFile Published => new(_address, Convert.ToHexStringLower(MD5.HashData(_content)));
#pragma warning restore CA5351

    [Fact]
    public async Task RightFile_IsFetchedOnce()
    {
        var path = await new FileFetcher(_client).FetchAsync(Published, _folder);
        Assert.Equal(_content, await File.ReadAllBytesAsync(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
        Assert.Equal(path, await new FileFetcher(_client).FetchAsync(Published, _folder));
        Assert.Single(_ranges);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BrokenDownload_GoesOnWhereItStopped_OrFromTheStartWhereTheServerCannot(bool ignoreRanges)
    {
        (_breakAfter, _ignoreRanges) = (100_000, ignoreRanges);
        var error = await Assert.ThrowsAsync<DataSetException>(() => new FileFetcher(_client).FetchAsync(Published, _folder));
        Assert.Contains("set.bin.part", error.Message, StringComparison.Ordinal);
        var partial = Assert.Single(Directory.GetFiles(_folder));
        var have = new FileInfo(partial).Length;
        Assert.InRange(have, 1, 100_000);
        _breakAfter = int.MaxValue;
        var path = await new FileFetcher(_client).FetchAsync(Published, _folder);
        Assert.Equal([null, $"bytes={have}-"], _ranges);
        Assert.Equal(_content, await File.ReadAllBytesAsync(path));
        Assert.False(File.Exists(partial));
    }

    [Fact]
    public async Task WrongChecksum_LeavesNothing()
    {
        var error = await Assert.ThrowsAsync<DataSetException>(() => new FileFetcher(_client).FetchAsync(Published with { Md5 = new string('0', 32) }, _folder));
        Assert.Contains($"the MD5 is {Published.Md5}, expected 000", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task AnotherFileOfThatName_IsNotReplaced()
    {
        var path = Path.Combine(_folder, "set.bin");
        await File.WriteAllTextAsync(path, "somebody's");
        await Assert.ThrowsAsync<DataSetException>(() => new FileFetcher(_client).FetchAsync(Published, _folder));
        Assert.Equal("somebody's", await File.ReadAllTextAsync(path));
        Assert.Empty(_ranges);
    }

    [Fact]
    public async Task MissingFile_IsReportedWithItsAddress() => Assert.Contains("/nothing.bin",
        (await Assert.ThrowsAsync<DataSetException>(() => new FileFetcher(_client).FetchAsync(Published with { Address = new Uri(_address, "nothing.bin") }, _folder))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task AddressWithoutTls_IsRefusedBeforeAnyRequest() => Assert.Contains("not HTTPS",
        (await Assert.ThrowsAsync<DataSetException>(() => new FileFetcher(_client).FetchAsync(Published with { Address = new Uri("http://example.org/set.bin") }, _folder))).Message, StringComparison.Ordinal);

    [Fact]
    public void PublishedAddresses_AreHttps_WithAnMd5() => Assert.All(DataSetInfo.All.SelectMany(set => set.Files), file =>
    {
        Assert.Equal(Uri.UriSchemeHttps, file.Address.Scheme);
        Assert.Matches("^[0-9a-f]{32}$", file.Md5);
    });

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                Answer(await _server.GetContextAsync());
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private void Answer(HttpListenerContext context)
    {
        var range = context.Request.Headers["Range"];
        _ranges.Add(range);
        using var response = context.Response;
        if (context.Request.Url!.AbsolutePath != _address.AbsolutePath)
        {
            response.StatusCode = 404;
            return;
        }
        var from = range is null || _ignoreRanges ? 0 : int.Parse(range["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture);
        if (from > 0)
        {
            response.StatusCode = 206;
            response.AddHeader("Content-Range", $"bytes {from}-{_content.Length - 1}/{_content.Length}");
        }
        response.ContentLength64 = _content.Length - from;
        response.OutputStream.Write(_content, from, Math.Min(_content.Length - from, _breakAfter));
        response.OutputStream.Flush();
        if (_breakAfter < _content.Length)
        {
            Thread.Sleep(200);
            response.Abort();
        }
    }
}

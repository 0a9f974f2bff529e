using System.Net;
using System.Net.Http.Headers;

namespace DIDD.Data;

/// <summary>Downloads the files that the owners of a data set publish: over HTTPS, resumable, into place only when the checksum is right.</summary>
/// <param name="client">Makes the requests.</param>
public sealed class FileFetcher(HttpClient client)
{
    private const long LargestFile = 64L << 30;

    /// <summary>Downloads a file, or what is missing of it.</summary>
    /// <param name="file">Address and checksum.</param>
    /// <param name="folder">The folder into which it goes; made where there is none.</param>
    /// <param name="progress">Takes the bytes so far, and those in all where the server says.</param>
    /// <param name="cancellation">Stops the download; what has come stays for the next time.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="DataSetException">The address is not HTTPS, the server does not deliver, the checksum is wrong, or another file of that name is there.</exception>
    public async Task<string> FetchAsync(PublishedFile file, string folder, Action<long, long?>? progress = null, CancellationToken cancellation = default)
    {
        if (file.Address.Scheme != Uri.UriSchemeHttps && !file.Address.IsLoopback)
            throw new DataSetException($"{file.Address}: not HTTPS; download the file by other means and compare its MD5 with {file.Md5}");
        var path = Path.Combine(Directory.CreateDirectory(folder).FullName, file.Name);
        if (File.Exists(path))
            return await Md5Async(path, cancellation) == file.Md5 ? path
                : throw new DataSetException($"{path}: is there already, but its MD5 is not {file.Md5}; it is not replaced, so delete or move it to fetch the published file");
        var partial = $"{path}.part";
        try
        {
            await AppendAsync(file, partial, progress, cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new DataSetException($"{file.Address}: {e.Message} {(File.Exists(partial) ? $"The same command goes on with what {partial} holds." : "Nothing was fetched; try again later.")}", e);
        }
        var found = await Md5Async(partial, cancellation);
        if (found != file.Md5)
        {
            File.Delete(partial);
            throw new DataSetException($"{file.Address}: the MD5 is {found}, expected {file.Md5}; nothing was kept, so try again later or another source");
        }
        File.Move(partial, path);
        return path;
    }

    private async Task AppendAsync(PublishedFile file, string partial, Action<long, long?>? progress, CancellationToken cancellation)
    {
        var have = File.Exists(partial) ? new FileInfo(partial).Length : 0;
        using var request = new HttpRequestMessage(HttpMethod.Get, file.Address);
        if (have > 0)
            request.Headers.Range = new RangeHeaderValue(have, null);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            return;
        response.EnsureSuccessStatusCode();
        // Redirections to where nobody vouches for the server.
        if (response.RequestMessage!.RequestUri is { } final && final.Scheme != Uri.UriSchemeHttps && !final.IsLoopback)
            throw new HttpRequestException($"leads to {final}, which is not HTTPS.");
        if (response.StatusCode != HttpStatusCode.PartialContent || response.Content.Headers.ContentRange?.From != have)
            have = 0;
        var all = have + response.Content.Headers.ContentLength;
        await using var target = new FileStream(partial, have > 0 ? FileMode.Append : FileMode.Create, FileAccess.Write);
        await using var content = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[1 << 16];
        for (int read; (read = await content.ReadAsync(buffer, cancellation)) > 0;)
        {
            if ((have += read) > LargestFile)
                throw new HttpRequestException($"more than {LargestFile} bytes.");
            await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
            progress?.Invoke(have, all);
        }
    }

    private static async Task<string> Md5Async(string path, CancellationToken cancellation)
    {
        await using var stream = File.OpenRead(path);
#pragma warning disable CA5351 // MD5 is what the owners of the data publish; it guards against damage, not against an adversary.
        return Convert.ToHexStringLower(await MD5.HashDataAsync(stream, cancellation));
#pragma warning restore CA5351
    }
}

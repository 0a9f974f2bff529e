using DIDD.Data;
using DIDD.Evaluation;
using DIDD.Experiments;
using static TorchSharp.torch;

namespace DIDD.Tests;

public sealed class FolderStreamTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("didd-folder-").FullName;
    private readonly string _runs = Directory.CreateTempSubdirectory("didd-folder-runs-").FullName;

    public FolderStreamTests()
    {
        using var noise = new NoiseStream(domains: 2, classes: 3, perClass: 10, size: 16);
        FolderStream.Write(noise, _folder, imagesPerClass: 5);
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_runs, recursive: true);
    }

    [Fact]
    public void Pictures_AreDividedOnce_TheSameWayForTheSameSeed()
    {
        using FolderStream stream = new(_folder, size: 16), again = new(_folder, size: 16), other = new(_folder, size: 16, seed: 1);
        Assert.Equal(["0", "1"], stream.Domains);
        using FolderStream reversed = new(_folder, size: 16, domains: ["1", "0"]), last = new(_folder, size: 16, domains: ["1"]);
        Assert.Equal(stream.TestFiles(1), reversed.TestFiles(0));
        Assert.Equal(stream.TestFiles(1), last.TestFiles(0));
        Assert.Equal(["0", "1", "2"], stream.Classes);
        Assert.Equal((12, 3), (stream.Train(1).Count, stream.Test(1).Count));
        Assert.Equal(stream.TestFiles(0), again.TestFiles(0));
        Assert.NotEqual(stream.TestFiles(0).Concat(stream.TestFiles(1)), other.TestFiles(0).Concat(other.TestFiles(1)));
        using var images = stream.Test(1).Images(tensor(new long[] { 2 }));
        using var file = ImageFile.Read(stream.TestFiles(1)[2]);
        Assert.Equal(file.bytes.ToArray(), images.bytes.ToArray());
        Assert.Equal("2", Path.GetFileName(Path.GetDirectoryName(stream.TestFiles(1)[2])));
    }

    [Fact]
    public void Listing_IsThatOfSha256Sum_AndTellsOfEveryChange()
    {
        var files = Directory.GetFiles(_folder, "*.png", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder, file)).Order(StringComparer.Ordinal);
        var lines = files.Select(file => $"{Sum(File.ReadAllBytes(Path.Combine(_folder, file)))}  {file.Replace(Path.DirectorySeparatorChar, '/')}\n");
        Assert.Equal(Sum(System.Text.Encoding.UTF8.GetBytes(string.Concat(lines))), FolderStream.Listing(_folder));
        var before = FolderStream.Listing(_folder);
        var picture = Path.Combine(_folder, "1", "2", "0003.png");
        File.Move(picture, Path.Combine(_folder, "1", "2", "0009.png"));
        Assert.NotEqual(before, FolderStream.Listing(_folder));
        File.Move(Path.Combine(_folder, "1", "2", "0009.png"), picture);
        File.WriteAllText(Path.Combine(_folder, "1", "2", "notes.txt"), "no picture");
        Assert.Equal(before, FolderStream.Listing(_folder));
        File.Copy(Path.Combine(_folder, "0", "2", "0003.png"), picture, overwrite: true);
        Assert.NotEqual(before, FolderStream.Listing(_folder));
    }

    private static string Sum(byte[] content) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));

    [Fact]
    public void DomainsArriveInTheOrderGiven()
    {
        using var stream = new FolderStream(_folder, domains: ["1", "0"]);
        Assert.StartsWith(Path.Combine(_folder, "1"), stream.TestFiles(0)[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1/2", null, "the class 2 is missing")]
    [InlineData(null, "1/extra", "the class extra is not one of the domain 0")]
    [InlineData("1", "1/2", "the class 0 is missing")]
    public void FolderThatDoesNotFit_IsRefusedWithWhatToDo(string? deleted, string? made, string part)
    {
        if (deleted is not null)
            Directory.Delete(Path.Combine(_folder, deleted), recursive: true);
        if (made is not null)
            Directory.CreateDirectory(Path.Combine(_folder, made));
        Assert.Contains(part, Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void TooFewPictures_AreRefusedWithTheNumber()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(_folder, "0", "1")).Skip(3))
            File.Delete(file);
        using (var fewest = new FolderStream(_folder, size: 16, testShare: 0.9))
            Assert.Equal(2, fewest.Train(0).ByClass[1].Count);
        File.Delete(Directory.GetFiles(Path.Combine(_folder, "0", "1"))[0]);
        Assert.Contains("2 picture(s)", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void MissingFolderOrDomain_IsNamed()
    {
        Assert.Contains("no such folder", Assert.Throws<DataSetException>(() => new FolderStream(Path.Combine(_folder, "none"))).Message, StringComparison.Ordinal);
        Assert.Contains("the folder has 0, 1", Assert.Throws<DataSetException>(() => new FolderStream(_folder, domains: ["0", "2"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UnreadablePicture_IsNamed()
    {
        var broken = Path.Combine(_folder, "1", "0", "broken.png");
        File.WriteAllText(broken, "no picture");
        using var stream = new FolderStream(_folder, size: 16);
        var message = Assert.Throws<DataSetException>(() => (stream.Train(1), stream.Test(1))).Message;
        Assert.Contains($"{broken}: not a readable picture", message, StringComparison.Ordinal);
        // A run is refused before its first domain.
        Assert.Equal(message, Assert.Throws<DataSetException>(() => FolderStream.Listing(_folder)).Message);
        File.Delete(broken);
        File.CreateSymbolicLink(broken, Path.Combine(_folder, "none.png"));
        Assert.Contains($"{broken}: a link to no file", Assert.Throws<DataSetException>(() => FolderStream.Listing(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OwnData_GoFromFolderToPrediction()
    {
        using var stream = new FolderStream(_folder, size: 16);
        var spec = Profiles.Spec("smoke", "emoji-styles").With("distillation.realImages", "4").With("distillation.iterations", "2").With("distillation.network.width", "4")
            .With("evaluation.epochs", "2").With("evaluation.network.width", "4");
        var done = new List<int>();
        using var set = Learners.Distil(spec, stream, (domain, _) => done.Add(domain));
        Assert.Equal([0, 1], done);
        using var classifier = Classifier.Train(stream, set, spec.Evaluation, new Randomness(0));
        var (name, probability) = classifier.Predict(stream.TestFiles(0)[0]);
        Assert.Contains(name, stream.Classes);
        Assert.InRange(probability, 1 / 3f, 1);
        using var all = stream.Test(1).Images(tensor(stream.Test(1).Stratified(0)));
        using var probabilities = classifier.Probabilities(all);
        var right = probabilities.argmax(1).data<long>().Zip(stream.Test(1).Labels).Count(pair => pair.First == pair.Second);
        Assert.Equal(100.0 * right / stream.Test(1).Count, classifier.Accuracy(stream.Test(1)), 1e-9);
        using var mnist = new NoiseStream(1, 3, 4, 16);
        Assert.Throws<ArgumentException>(() => Classifier.Train(mnist, set, spec.Evaluation, new Randomness(0)));
    }

    [Fact]
    public void FinishedRun_OpensWithoutItsPictures()
    {
        var run = new Runner(OwnPictures(), Path.Combine(_runs, "run")).Execute();
        Directory.Delete(Path.Combine(_folder, "1"), recursive: true);
        Assert.Equal(run.NetworkAccuracies, Run.Open(run.Folder).NetworkAccuracies);
        Assert.Equal(run.Spec, Assert.Single(ReportRow.Of(Run.All(_runs))).Spec);
    }

    [Fact]
    public void DomainsAreCounted_OnceTheFolderIsNamed()
    {
        var profile = Profiles.Spec("smoke", "folder");
        Assert.Equal(profile.Domains, profile.With("data.source", _folder).Domains);
        Assert.Equal((3, 2), (profile.Domains, OwnPictures().Domains));
    }

    [Fact]
    public void PictureThatCannotBeReadForATest_LosesNothingOfWhatWasDistilled()
    {
        string picture;
        using (var stream = new FolderStream(_folder))
            picture = stream.TestFiles(0)[0];
        var (good, spec) = (File.ReadAllBytes(picture), OwnPictures());
        var runner = new Runner(spec, Path.Combine(_runs, "run")) { CheckpointEvery = TimeSpan.Zero };
        Assert.Contains($"{picture}: not a readable picture", Assert.Throws<DataSetException>(() => runner.Execute(_ => File.WriteAllText(picture, "no picture"))).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_runs, "run", "checkpoint.safetensors")));
        File.WriteAllBytes(picture, good);
        Assert.True(new Runner(spec, Path.Combine(_runs, "run")).Execute().Finished);
    }

    private RunSpec OwnPictures() => new[] { ("data.source", _folder), ("data.listing", FolderStream.Listing(_folder)), ("distillation.factor", "1"), ("distillation.realImages", "2"), ("distillation.iterations", "2"), ("distillation.network.width", "4"), ("evaluation.epochs", "2"), ("evaluation.network.width", "4") }
        .Aggregate(Profiles.Spec("smoke", "folder"), (spec, setting) => spec.With(setting.Item1, setting.Item2));

    private string Refused() => Assert.Throws<DataSetException>(() => new FolderStream(_folder)).Message;
}

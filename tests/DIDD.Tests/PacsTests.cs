using DIDD.Data;
using DIDD.Experiments;
using SkiaSharp;
using static TorchSharp.torch;

namespace DIDD.Tests;

public sealed class PacsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("didd-pacs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Pacs => Path.Combine(_folder, "pacs");

    private string List => Path.Combine(Pacs, "texts", "art_painting_crossval_kfold.txt");

    [Fact]
    public void OfficialFolder_GivesTheListedImagesOfEveryDomain()
    {
        MadeFolders.Pacs(Pacs);
        using var stream = Streams.Open(Profiles.Spec("paper", "pacs"), _folder);
        Assert.Equal(MadeFolders.PacsDomains, stream.Domains);
        Assert.Equal(MadeFolders.PacsClasses, stream.Classes);
        for (var t = 0; t < 4; t++)
            Assert.Equal((14, 7), (stream.Train(t).Count, stream.Test(t).Count));
        using var first = stream.Test(3).Images(tensor(new long[] { 2 }));
        using var expected = ImageFile.Read(Path.Combine(Pacs, "images", "sketch", "giraffe", "pic_250.png"), 32);
        Assert.Equal(expected.bytes.ToArray(), first.bytes.ToArray());
    }

    [Fact]
    public void ClassOfTheFolder_Counts_AndTheListIsWarnedOf()
    {
        MadeFolders.Pacs(Pacs);
        File.WriteAllText(List, File.ReadAllText(List).Replace("pic_250.jpg 1", "pic_250.jpg 0", StringComparison.Ordinal));
        var catalogue = PacsFolder.Read(Pacs, 32);
        Assert.Contains("art_painting/dog/pic_250.jpg 0", Assert.Single(catalogue.Warnings), StringComparison.Ordinal);
        Assert.Equal(0, catalogue.Labels("art_painting.test")[0]);
    }

    [Theory]
    [InlineData("pic_248.jpeg", true)]
    [InlineData("another_name.jpg", true)]
    [InlineData(null, false)]
    public void TheFileThatCopiesRename_IsFoundOrLeftOutWithAWarning(string? name, bool found)
    {
        MadeFolders.Pacs(Pacs);
        var old = Path.Combine(Pacs, "images", "art_painting", "dog", "pic_248.jpg");
        if (name is null)
            File.Delete(old);
        else
            File.Move(old, Path.Combine(Path.GetDirectoryName(old)!, name));
        var catalogue = PacsFolder.Read(Pacs, 32);
        Assert.Contains(found ? name! : "left out", Assert.Single(catalogue.Warnings), StringComparison.Ordinal);
        Assert.Equal(found ? 14 : 13, catalogue.Labels("art_painting.train").Count);
        using var images = catalogue.Images("art_painting.train");
        Assert.Equal(catalogue.Labels("art_painting.train").Count, images.shape[0]);
    }

    [Theory]
    [InlineData("art_painting/dog/pic_999.jpg 1", "pic_999.jpg: no such file")]
    [InlineData("../../../etc/passwd 1", "line 8")]
    [InlineData("art_painting/dog/../../../x.jpg 1", "line 8")]
    [InlineData("art_painting/dog/.. 1", "line 8")]
    [InlineData("/etc/dog/passwd 1", "line 8")]
    [InlineData("art_painting/dog/..\\..\\x 1", "line 8")]
    [InlineData("photo/dog/pic_250.jpg 1", "line 8")]
    [InlineData("art_painting/dog/pic_250.jpg one", "line 8")]
    [InlineData("art_painting/dog/pic_250.jpg 1", "twice")]
    public void BadLine_IsRefusedWithTheList(string line, string part)
    {
        MadeFolders.Pacs(Pacs);
        File.AppendAllText(List, line + "\n");
        Assert.Contains(part, Assert.Throws<DataSetException>(() => PacsFolder.Read(Pacs, 32)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EmptyClass_IsRefusedWithItsName()
    {
        MadeFolders.Pacs(Pacs);
        File.WriteAllLines(List, File.ReadAllLines(List).Where(line => !line.Contains("/horse/", StringComparison.Ordinal)));
        Assert.Contains("art_painting.test has no image of the class horse", Assert.Throws<DataSetException>(() => PacsFolder.Read(Pacs, 32)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Latin1Names_AreReadFromListsInEitherEncoding()
    {
        MadeFolders.Pacs(Pacs);
        MadeFolders.Picture(Path.Combine(Pacs, "images", "art_painting", "dog", "chien_é.jpg"), 8, 1);
        var lines = File.ReadAllText(List);
        foreach (var encoding in (System.Text.Encoding[])[System.Text.Encoding.Latin1, new System.Text.UTF8Encoding(false)])
        {
            File.WriteAllBytes(List, encoding.GetBytes(lines + "art_painting/dog/chien_é.jpg 1\n"));
            using var images = PacsFolder.Read(Pacs, 32).Images("art_painting.test");
            Assert.Equal(8, images.shape[0]);
        }
    }

    [Fact]
    public void GreyAndTransparentPictures_HaveThreeChannels()
    {
        var path = Path.Combine(_folder, "grey.png");
        using (var grey = new SKBitmap(5, 4, SKColorType.Gray8, SKAlphaType.Opaque))
        {
            grey.GetPixelSpan().Fill(77);
            using var data = grey.Encode(SKEncodedImageFormat.Png, 100);
            File.WriteAllBytes(path, data.ToArray());
        }
        using var image = ImageFile.Read(path);
        Assert.Equal([3, 4, 5], image.shape);
        Assert.All(image.bytes.ToArray(), value => Assert.Equal(77, value));
    }

    [Fact]
    public void MissingSet_SaysWhatItIsWhereItIsPublishedAndWhereItGoes()
    {
        var message = Assert.Throws<DataSetException>(() => Streams.Open(Profiles.Spec("smoke", "core50"), _folder)).Message;
        Assert.All(["50 hand-held objects", "vlomonaco.github.io/core50", "745f3373fed08d69343f1058ee559e13", "164,866", "CC BY 4.0", Path.Combine(_folder, "core50")],
            part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    // Two images a class, where a batch takes four and a start eight.
    [Theory]
    [InlineData("asymmetric", 28)]
    [InlineData("reservoir", 21)]
    [InlineData("partition", 28)]
    [InlineData("distill-gather", 28)]
    public void RunOnClassesSmallerThanABatchOrAStart_EndsWithAMatrix_AndNamesEachOnce(string rule, int expected)
    {
        MadeFolders.Pacs(Pacs);
        var spec = Profiles.Spec("smoke", "pacs", rule, ipc: 2).With("distillation.iterations", "2").With("distillation.realImages", "4").With("distillation.network.width", "4")
            .With("evaluation.epochs", "1").With("evaluation.network.width", "4").With("data.domains", "photo,sketch,cartoon,art_painting");
        var warnings = new List<string>();
        var run = new Runner(spec, Path.Combine(_folder, rule), _folder) { Warn = warnings.Add }.Execute();
        Assert.Equal(4, run.Accuracy.Rows.Count);
        Assert.Equal(warnings.Distinct(), warnings);
        Assert.Contains("domain 1, class house: 2 training images, fewer than the", warnings[5], StringComparison.Ordinal);
        Assert.Equal(expected, warnings.Count);
    }

    [FactWithData("pacs")]
    public void CompletePacs_HasTheNumbersOfMethod6()
    {
        var report = DataVerification.Verify("pacs", Path.GetDirectoryName(FactWithDataAttribute.Folder("pacs")));
        Assert.Empty(report.Deviations);
        Assert.Equal([(1499, 171), (1840, 208), (2107, 237), (3531, 398)], report.Domains.Select(domain => (domain.Train.Sum(), domain.Test.Sum())));
    }

    [FactWithData("pacs-sample")]
    public void SampleOfTheOriginals_IsDecodedAndItsGapsAreNamed()
    {
        var (path, warnings) = DataPreparation.Prepare("pacs", FactWithDataAttribute.Folder("pacs-sample")!, 32, _folder);
        Assert.Equal((Path.Combine(Pacs, "pacs32.safetensors"), 0), (path, warnings.Count));
        var report = DataVerification.Verify("pacs", _folder);
        Assert.Contains(report.Deviations, deviation => deviation.StartsWith("photo, dog: ", StringComparison.Ordinal) && deviation.EndsWith("training images, expected 170", StringComparison.Ordinal));
        Assert.Equal(224, report.Domains.Sum(domain => domain.Train.Sum() + domain.Test.Sum()));
    }
}

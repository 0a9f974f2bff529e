using DIDD.Verification;

namespace DIDD.Cli;

/// <summary><c>didd verify</c>: holds this implementation to reference cases.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Folder of the cases (.safetensors)." };
        var images = new Option<string?>("--images") { Description = "Folder of the pictures that resize cases name; looked for in the data folders by default." };
        var device = new Option<string>("--device") { Description = "cpu or cuda.", DefaultValueFactory = _ => "cpu" };
        var command = new Command("verify", "Compares this implementation with numbers that the authors' code computed.") { folder, images, device };
        command.SetAction(parsed =>
        {
            var cases = parsed.GetRequiredValue(folder);
            if (!Directory.Exists(cases))
                throw new SpecException($"{cases}: no such folder");
            var pictures = parsed.GetValue(images) ?? DataFolder.Roots().Select(root => Path.Combine(root, "pacs-sample", "images")).FirstOrDefault(Directory.Exists);
            var verifier = new ReferenceCases(ComputeDevice.Open(parsed.GetRequiredValue(device)), pictures);
            var results = new List<CaseResult>();
            List<string> paths = [.. Directory.GetFiles(cases, "*.safetensors").Order(StringComparer.Ordinal)];
            if (paths.Count == 0)
                throw new SpecException($"{cases}: no cases (.safetensors) here");
            foreach (var path in paths)
            {
                var result = verifier.Verify(path);
                results.Add(result);
                Console.WriteLine($"{(result.Passed ? "ok     " : result.Skipped ? "skipped" : "FAILED ")} {result.Name,-36} {result.Problem ?? $"{result.Error:0.0e+00} of {result.Tolerance:0.0e+00}"}");
            }
            var passed = results.Count(result => result.Passed);
            var skipped = results.Count(result => result.Skipped);
            Console.WriteLine($"{passed} passed, {results.Count - passed - skipped} failed{(skipped > 0 ? $", {skipped} skipped" : "")}");
            return passed + skipped == results.Count && passed > 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }
}

using System.CommandLine;
using QDistill.Cli.Terminal;
using QDistill.Configuration;
using QDistill.Inference;

namespace QDistill.Cli.Verbs;

/// <summary><c>qdistill sign MODEL</c>: signs a model with an Ed25519 key, or checks its signature.</summary>
internal static class SignVerb
{
    public static Command Create()
    {
        var model = new Argument<string?>("model") { Description = "a model folder or a student.onnx", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> key = VerbOptions.Optional<string>("--key", "the private key, a PEM file", "FILE");
        Option<string?> newKey = VerbOptions.Optional<string>("--new-key", "make a new private key, which must not exist yet, and sign with it", "FILE");
        Option<string?> check = VerbOptions.Optional<string>("--check", "check the signature instead: public key in hex, base64 or a PEM file", "KEY");
        Option<bool> json = VerbOptions.JsonSwitch();
        Command verb = VerbOptions.Verb(
            "sign",
            "Signs a model with Ed25519, so that a robot flies no other; the signature lies beside it (student.onnx.sig). The public key printed goes into the parameter model_public_key.",
            "qdistill sign models/agv --new-key fleet.pem",
            "qdistill sign out/model --key fleet.pem",
            "qdistill sign out/model --check 3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        verb.Add(model);
        verb.Add(key);
        verb.Add(newKey);
        verb.Add(check);
        verb.Add(json);
        verb.SetAction(r =>
        {
            Run(r.GetValue(model), r.GetValue(key), r.GetValue(newKey), r.GetValue(check), r.GetValue(json));
            return 0;
        });
        return verb;
    }

    private static void Run(string? model, string? key, string? newKey, string? check, bool json)
    {
        if (new[] { key, newKey, check }.Count(o => o is not null) != 1)
        {
            throw new UserErrorException("exactly one of --key, --new-key and --check must be given", null, "see 'qdistill sign --help'");
        }

        string file = model is null
            ? throw new UserErrorException("<model> is missing", null, "see 'qdistill sign --help'")
            : Directory.Exists(model) ? Path.Combine(model, RiskModel.FileName) : model;
        if (check is not null)
        {
            byte[] known = ModelSignature.ParseKey(check, "--check");
            ModelSignature.Require(Read(file), file, known);
            Tell("good", known);
            return;
        }

        // The model is looked at first: no key is made for one that cannot be signed.
        using (RiskModel.Load(file))
        {
        }

        byte[] bytes = Read(file);
        byte[] seed = newKey is not null ? ModelSignature.CreatePrivateKey(newKey) : ModelSignature.ReadPrivateKey(key!);
        byte[] signature = Ed25519.Sign(seed, bytes);
        AtomicOutput.Write(file + ModelSignature.Extension, s => s.Write(signature));
        Tell("signed", Ed25519.PublicKey(seed));

        void Tell(string what, byte[] publicKey)
        {
            string hex = Convert.ToHexStringLower(publicKey);
            if (json)
            {
                Output.WriteJson(new { model = file, signature = file + ModelSignature.Extension, state = what, public_key = hex });
            }
            else
            {
                Console.WriteLine($"{file}: {what}; model_public_key: {hex}");
            }
        }
    }

    private static byte[] Read(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"the model cannot be read ({e.Message.TrimEnd('.')})", file, null, e);
        }
    }
}

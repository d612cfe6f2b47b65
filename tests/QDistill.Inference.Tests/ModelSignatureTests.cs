using System.Diagnostics;
using System.Text;
using QDistill.Configuration;

namespace QDistill.Inference.Tests;

/// <summary>Ed25519 against RFC 8032's vectors and the openssl command, both ways.</summary>
public sealed class ModelSignatureTests : IDisposable
{
    private readonly TempDirectory folder = new();

    public void Dispose() => folder.Dispose();

    // RFC 8032, section 7.1: TEST 1, TEST 2, TEST 3, TEST SHA(abc).
    [Theory]
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    [InlineData(
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704")]
    public void The_vectors_of_RFC_8032_come_out(string secret, string publicKey, string message, string signature)
    {
        byte[] seed = Convert.FromHexString(secret), text = Convert.FromHexString(message), signed = Convert.FromHexString(signature), key = Convert.FromHexString(publicKey);
        Assert.Equal(key, Ed25519.PublicKey(seed));
        Assert.Equal(signed, Ed25519.Sign(seed, text));
        Assert.True(Ed25519.Verify(key, text, signed));
        for (int i = 0; i < signed.Length; i += 7)
        {
            byte[] wrong = [.. signed];
            wrong[i] ^= 1;
            Assert.False(Ed25519.Verify(key, text, wrong));
        }

        Assert.False(Ed25519.Verify(key, [.. text, 0], signed));
        Assert.False(Ed25519.Verify(key, text, signed.AsSpan(1)));
    }

    [Fact]
    public void What_openssl_signs_is_good_here_and_what_is_signed_here_is_good_to_openssl()
    {
        OpenSsl("genpkey", "-algorithm", "ed25519", "-out", folder["key.pem"]);
        OpenSsl("pkey", "-in", folder["key.pem"], "-pubout", "-out", folder["public.pem"]);
        byte[] model = Encoding.ASCII.GetBytes("not a model, but bytes");
        File.WriteAllBytes(folder["student.onnx"], model);
        OpenSsl("pkeyutl", "-sign", "-rawin", "-inkey", folder["key.pem"], "-in", folder["student.onnx"], "-out", folder["student.onnx.sig"]);
        byte[] publicKey = ModelSignature.ParseKey(folder["public.pem"], "test");
        ModelSignature.Require(model, folder["student.onnx"], publicKey);

        byte[] seed = ModelSignature.ReadPrivateKey(folder["key.pem"]);
        Assert.Equal(publicKey, Ed25519.PublicKey(seed));
        File.WriteAllBytes(folder["student.onnx.sig"], Ed25519.Sign(seed, model));
        OpenSsl("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", folder["public.pem"], "-in", folder["student.onnx"], "-sigfile", folder["student.onnx.sig"]);
    }

    [Fact]
    public void A_new_key_is_one_to_openssl_and_only_its_owners_and_never_overwritten()
    {
        byte[] seed = ModelSignature.CreatePrivateKey(folder["key.pem"]);
        OpenSsl("pkey", "-in", folder["key.pem"], "-pubout", "-out", folder["public.pem"]);
        Assert.Equal(Ed25519.PublicKey(seed), ModelSignature.ParseKey(folder["public.pem"], "test"));
        Assert.Equal(File.ReadAllText(folder["public.pem"]).Trim(), ModelSignature.PublicPem(Ed25519.PublicKey(seed)));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["key.pem"]));
        }

        Assert.Contains("exists already", Assert.Throws<UserErrorException>(() => ModelSignature.CreatePrivateKey(folder["key.pem"])).Message);
        Assert.Equal(seed, ModelSignature.ReadPrivateKey(folder["key.pem"]));
    }

    [Fact]
    public void A_public_key_is_read_from_hex_base64_and_PEM_and_nothing_else()
    {
        byte[] key = Ed25519.PublicKey(new byte[32]);
        Assert.Equal(key, ModelSignature.ParseKey(Convert.ToHexString(key), "test"));
        Assert.Equal(key, ModelSignature.ParseKey(" " + Convert.ToBase64String(key) + "\n", "test"));
        Assert.Equal(key, ModelSignature.ParseKey(ModelSignature.PublicPem(key), "test"));
        foreach (string bad in new[] { "", "abcd", Convert.ToHexString(key)[2..], "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----" })
        {
            Assert.Contains("parameter 'k'", Assert.Throws<UserErrorException>(() => ModelSignature.ParseKey(bad, "parameter 'k'")).Message);
        }
    }

    [Fact]
    public void A_missing_a_cut_and_a_foreign_signature_are_each_told_with_the_remedy()
    {
        byte[] seed = new byte[32], model = [1, 2, 3], key = Ed25519.PublicKey(seed);
        string file = folder["student.onnx"];
        Assert.Contains("is not signed", Refusal());
        File.WriteAllBytes(file + ".sig", new byte[10]);
        Assert.Contains("10 bytes, not 64", Refusal());
        seed[0] = 1;
        File.WriteAllBytes(file + ".sig", Ed25519.Sign(seed, model));
        Assert.Contains("does not fit", Refusal());

        string Refusal() => Assert.Throws<UserErrorException>(() => ModelSignature.Require(model, file, key)).Message;
    }

    private static void OpenSsl(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("openssl", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
    }
}

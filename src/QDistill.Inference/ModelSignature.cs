using System.Security.Cryptography;
using QDistill.Configuration;

namespace QDistill.Inference;

/// <summary>
/// A model's signature: Ed25519 over the bytes of the ONNX file, 64 raw bytes in a file beside it (<c>student.onnx.sig</c>), as <c>openssl pkeyutl -sign -rawin</c> writes it.
/// </summary>
public static class ModelSignature
{
    /// <summary>What a signature's file name adds to its model's.</summary>
    public const string Extension = ".sig";

    // DER of SubjectPublicKeyInfo and PKCS #8 (RFC 8410) before the key's 32 bytes.
    private static readonly byte[] PublicPrefix = Convert.FromHexString("302a300506032b6570032100");
    private static readonly byte[] PrivatePrefix = Convert.FromHexString("302e020100300506032b657004220420");

    /// <summary>Reads a public key: 64 hex digits, base64 of the 32 bytes, a PEM text, or the path of a PEM file.</summary>
    /// <param name="text">The key.</param>
    /// <param name="where">The parameter or option that gave it, for messages.</param>
    /// <exception cref="UserErrorException">It is none of these.</exception>
    public static byte[] ParseKey(string text, string where)
    {
        string key = text.Trim();
        if (key.Length == 2 * Ed25519.KeySize && key.All(char.IsAsciiHexDigit))
        {
            return Convert.FromHexString(key);
        }

        byte[] raw = new byte[Ed25519.KeySize];
        if (Convert.TryFromBase64String(key, raw, out int length) && length == raw.Length)
        {
            return raw;
        }

        bool isPem = key.StartsWith("-----", StringComparison.Ordinal);
        return isPem || File.Exists(key)
            ? FromPem(isPem ? key : ReadText(key), "PUBLIC KEY", PublicPrefix, isPem ? where : key)
            : throw new UserErrorException("this is no Ed25519 public key", where, "give 64 hex digits, base64 of the 32 bytes, or a PEM file; qdistill sign shows it");
    }

    /// <summary>Reads a private key from a PEM file (PKCS #8), as <c>openssl genpkey -algorithm ed25519</c> writes it.</summary>
    /// <exception cref="UserErrorException">The file cannot be read or holds no such key.</exception>
    public static byte[] ReadPrivateKey(string path) => FromPem(ReadText(path), "PRIVATE KEY", PrivatePrefix, path);

    /// <summary>Writes a new private key that only its owner can read, and returns it.</summary>
    /// <exception cref="UserErrorException">The file exists or cannot be written.</exception>
    public static byte[] CreatePrivateKey(string path)
    {
        byte[] key = RandomNumberGenerator.GetBytes(Ed25519.KeySize);
        byte[] pem = System.Text.Encoding.ASCII.GetBytes(PemEncoding.WriteString("PRIVATE KEY", [.. PrivatePrefix, .. key]) + "\n");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var stream = new FileStream(path, options);
            stream.Write(pem);
            return key;
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new UserErrorException("exists already", path, "a key is never overwritten; name another file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"cannot be written ({e.Message.TrimEnd('.')})", path, null, e);
        }
    }

    /// <summary>The PEM text of a public key.</summary>
    public static string PublicPem(ReadOnlySpan<byte> publicKey) => PemEncoding.WriteString("PUBLIC KEY", [.. PublicPrefix, .. publicKey]);

    /// <summary>Refuses a model whose signature is missing or not of this key.</summary>
    /// <param name="model">The model's bytes.</param>
    /// <param name="file">Its file; the signature lies beside it.</param>
    /// <param name="publicKey">The key.</param>
    /// <exception cref="UserErrorException">There is no signature, or not a good one.</exception>
    public static void Require(ReadOnlySpan<byte> model, string file, ReadOnlySpan<byte> publicKey)
    {
        string path = file + Extension;
        byte[] signature;
        try
        {
            if (!File.Exists(path))
            {
                throw new UserErrorException($"the model is not signed (there is no {path}), but a public key is configured", file, "sign it with qdistill sign, or take the key out of the parameters");
            }

            signature = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"the model's signature cannot be read ({e.Message.TrimEnd('.')})", path, null, e);
        }

        if (signature.Length != Ed25519.SignatureSize)
        {
            throw new UserErrorException($"this is no Ed25519 signature: {signature.Length} bytes, not {Ed25519.SignatureSize}", path, "sign the model again with qdistill sign");
        }

        if (!Ed25519.Verify(publicKey, model, signature))
        {
            throw new UserErrorException("the model's signature does not fit: the file was changed after it was signed, or another key signed it", file, "get the model again from its maker, or check the configured public key");
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"the key cannot be read ({e.Message.TrimEnd('.')})", path, null, e);
        }
    }

    private static byte[] FromPem(string text, string label, byte[] prefix, string where)
    {
        if (PemEncoding.TryFind(text, out PemFields fields) && text[fields.Label] == label)
        {
            byte[] der = Convert.FromBase64String(text[fields.Base64Data]);
            if (der.Length == prefix.Length + Ed25519.KeySize && der.AsSpan().StartsWith(prefix))
            {
                return der[prefix.Length..];
            }
        }

        throw new UserErrorException($"this holds no Ed25519 {label.ToLowerInvariant()} in PEM form", where, label == "PRIVATE KEY" ? "make one with qdistill sign --new-key, or openssl genpkey -algorithm ed25519" : "make one with openssl pkey -pubout");
    }
}

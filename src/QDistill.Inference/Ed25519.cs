using System.Runtime.InteropServices;
using QDistill.Configuration;

namespace QDistill.Inference;

/// <summary>Ed25519 (RFC 8032, pure, without context), by OpenSSL 3's libcrypto: the library that .NET itself uses on Linux. .NET 10 has no Ed25519 of its own.</summary>
public static unsafe partial class Ed25519
{
    /// <summary>The length of private and public keys [bytes].</summary>
    public const int KeySize = 32;

    /// <summary>The length of signatures [bytes].</summary>
    public const int SignatureSize = 64;

    private const string Library = "libcrypto.so.3";
    private const int KeyType = 1087; // NID_ED25519

    /// <summary>The public key of a private one.</summary>
    /// <param name="privateKey">The 32-byte seed.</param>
    /// <exception cref="UserErrorException">libcrypto is not there.</exception>
    public static byte[] PublicKey(ReadOnlySpan<byte> privateKey) => WithKey(privateKey, isPrivate: true, static (key, _, _) =>
    {
        byte[] result = new byte[KeySize];
        nuint length = KeySize;
        fixed (byte* p = result)
        {
            Check(GetPublic(key, p, &length));
        }

        return result;
    }, default);

    /// <summary>Signs a message.</summary>
    /// <param name="privateKey">The 32-byte seed.</param>
    /// <param name="message">The message.</param>
    /// <returns>The 64-byte signature.</returns>
    /// <exception cref="UserErrorException">libcrypto is not there.</exception>
    public static byte[] Sign(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> message) => WithKey(privateKey, isPrivate: true, static (key, context, text) =>
    {
        byte[] result = new byte[SignatureSize];
        nuint length = SignatureSize;
        Check(SignInit(context, null, 0, 0, key));
        fixed (byte* p = result, m = text)
        {
            Check(SignOnce(context, p, &length, m, (nuint)text.Length));
        }

        return result;
    }, message);

    /// <summary>Whether a signature is that of a message under a public key.</summary>
    /// <exception cref="UserErrorException">libcrypto is not there.</exception>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeySize || signature.Length != SignatureSize)
        {
            return false;
        }

        byte[] copy = signature.ToArray();
        return WithKey(publicKey, isPrivate: false, (key, context, text) =>
        {
            Check(VerifyInit(context, null, 0, 0, key));
            fixed (byte* s = copy, m = text)
            {
                return VerifyOnce(context, s, (nuint)copy.Length, m, (nuint)text.Length) == 1;
            }
        }, message);
    }

    private static T WithKey<T>(ReadOnlySpan<byte> bytes, bool isPrivate, Work<T> work, ReadOnlySpan<byte> message)
    {
        if (bytes.Length != KeySize)
        {
            throw new ArgumentException($"an Ed25519 key has {KeySize} bytes, not {bytes.Length}", nameof(bytes));
        }

        nint key = 0, context = 0;
        try
        {
            fixed (byte* p = bytes)
            {
                key = isPrivate ? NewPrivate(KeyType, 0, p, KeySize) : NewPublic(KeyType, 0, p, KeySize);
            }

            context = NewContext();
            Check(key != 0 && context != 0 ? 1 : 0);
            return work(key, context, message);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new UserErrorException($"signatures need OpenSSL 3 ({Library}), which could not be loaded", null, "install the package libssl3", e);
        }
        finally
        {
            if (context != 0)
            {
                FreeContext(context);
            }

            if (key != 0)
            {
                FreeKey(key);
            }
        }
    }

    private static void Check(int result)
    {
        if (result != 1)
        {
            throw new InvalidOperationException("OpenSSL refused an Ed25519 operation");
        }
    }

    private delegate T Work<T>(nint key, nint context, ReadOnlySpan<byte> message);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    private static partial nint NewPrivate(int type, nint engine, byte* key, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    private static partial nint NewPublic(int type, nint engine, byte* key, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_get_raw_public_key")]
    private static partial int GetPublic(nint key, byte* result, nuint* length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_free")]
    private static partial void FreeKey(nint key);

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_new")]
    private static partial nint NewContext();

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_free")]
    private static partial void FreeContext(nint context);

    [LibraryImport(Library, EntryPoint = "EVP_DigestSignInit")]
    private static partial int SignInit(nint context, nint* keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Library, EntryPoint = "EVP_DigestSign")]
    private static partial int SignOnce(nint context, byte* signature, nuint* length, byte* message, nuint messageLength);

    [LibraryImport(Library, EntryPoint = "EVP_DigestVerifyInit")]
    private static partial int VerifyInit(nint context, nint* keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Library, EntryPoint = "EVP_DigestVerify")]
    private static partial int VerifyOnce(nint context, byte* signature, nuint length, byte* message, nuint messageLength);
}

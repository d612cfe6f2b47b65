using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace QDistill.Bags.Sqlite;

/// <summary>What sqlite3 reports, with its result code.</summary>
internal sealed class SqliteException(int code, string message) : Exception(message)
{
    public const int Corrupt = 11;
    public const int NotADatabase = 26;

    /// <summary>The primary result code.</summary>
    public int Code { get; } = code & 0xFF;
}

/// <summary>One connection (sqlite3*), by the C API of libsqlite3.</summary>
internal sealed unsafe partial class SqliteDatabase : SafeHandleZeroOrMinusOneIsInvalid
{
    internal const string Library = "libsqlite3.so.0";
    private const int OpenReadOnly = 0x1;
    private const int OpenReadWrite = 0x2;
    private const int OpenUri = 0x40;
    private const int OpenNoMutex = 0x8000;

    public SqliteDatabase()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Opens a file that nothing changes (<paramref name="immutable"/>: no locks, no journal looked for) or a private copy that sqlite may repair.</summary>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public static SqliteDatabase Open(string path, bool immutable)
    {
        string name = immutable ? "file:" + Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal) + "?immutable=1" : path;
        try
        {
            int code = sqlite3_open_v2(name, out SqliteDatabase database, (immutable ? OpenReadOnly | OpenUri : OpenReadWrite) | OpenNoMutex, null);
            if (code != 0)
            {
                using (database)
                {
                    throw database.Error(code);
                }
            }

            return database;
        }
        catch (DllNotFoundException e)
        {
            throw BagErrors.MissingLibrary(Library, "libsqlite3-0", e);
        }
    }

    /// <summary>Compiles one statement.</summary>
    /// <exception cref="SqliteException">It does not fit the schema, or the file is damaged.</exception>
    public SqliteStatement Prepare(string sql)
    {
        int code = sqlite3_prepare_v2(this, sql, -1, out SqliteStatement statement, null);
        if (code != 0)
        {
            statement.Dispose();
            throw Error(code);
        }

        statement.Attach(this);
        return statement;
    }

    public SqliteException Error(int code) => new(code, IsInvalid ? "out of memory" : Marshal.PtrToStringUTF8(sqlite3_errmsg(this)) ?? "unknown error");

    protected override bool ReleaseHandle() => sqlite3_close_v2(handle) == 0;

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int sqlite3_open_v2(string name, out SqliteDatabase database, int flags, string? vfs);

    [LibraryImport(Library)]
    private static partial int sqlite3_close_v2(nint database);

    [LibraryImport(Library)]
    private static partial nint sqlite3_errmsg(SqliteDatabase database);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int sqlite3_prepare_v2(SqliteDatabase database, string sql, int length, out SqliteStatement statement, byte** tail);
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace QDistill.Bags.Sqlite;

/// <summary>One compiled statement (sqlite3_stmt*). Keeps its connection open as long as it lives.</summary>
internal sealed unsafe partial class SqliteStatement : SafeHandleZeroOrMinusOneIsInvalid
{
    private const int Row = 100;
    private const int Done = 101;
    private const int Null = 5;
    private SqliteDatabase? database;

    public SqliteStatement()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Goes to the next row; false after the last.</summary>
    /// <exception cref="SqliteException">The file is damaged or cannot be read.</exception>
    public bool Step() => sqlite3_step(this) switch
    {
        Row => true,
        Done => false,
        int code => throw database!.Error(code),
    };

    public void Reset() => _ = sqlite3_reset(this);

    public void Bind(int parameter, long value) => _ = sqlite3_bind_int64(this, parameter, value);

    public long Int64(int column) => sqlite3_column_int64(this, column);

    public bool IsNull(int column) => sqlite3_column_type(this, column) == Null;

    public string Text(int column) => Marshal.PtrToStringUTF8(sqlite3_column_text(this, column)) ?? string.Empty;

    /// <summary>A blob; valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Blob(int column)
    {
        byte* data = sqlite3_column_blob(this, column);
        return new ReadOnlySpan<byte>(data, data is null ? 0 : sqlite3_column_bytes(this, column));
    }

    internal void Attach(SqliteDatabase connection)
    {
        bool taken = false;
        connection.DangerousAddRef(ref taken);
        database = connection;
    }

    protected override bool ReleaseHandle()
    {
        _ = sqlite3_finalize(handle);
        database?.DangerousRelease();
        return true;
    }

    [LibraryImport(SqliteDatabase.Library)]
    private static partial int sqlite3_step(SqliteStatement statement);

    [LibraryImport(SqliteDatabase.Library)]
    private static partial int sqlite3_reset(SqliteStatement statement);

    [LibraryImport(SqliteDatabase.Library)]
    private static partial int sqlite3_finalize(nint statement);

    [LibraryImport(SqliteDatabase.Library)]
    private static partial int sqlite3_bind_int64(SqliteStatement statement, int parameter, long value);

    [LibraryImport(SqliteDatabase.Library)]
    private static partial long sqlite3_column_int64(SqliteStatement statement, int column);

    [LibraryImport(SqliteDatabase.Library)]
    private static partial int sqlite3_column_type(SqliteStatement statement, int column);

    [LibraryImport(SqliteDatabase.Library)]
    private static partial nint sqlite3_column_text(SqliteStatement statement, int column);

    [LibraryImport(SqliteDatabase.Library)]
    private static partial byte* sqlite3_column_blob(SqliteStatement statement, int column);

    [LibraryImport(SqliteDatabase.Library)]
    private static partial int sqlite3_column_bytes(SqliteStatement statement, int column);
}

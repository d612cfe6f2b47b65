using QDistill.Configuration;

namespace QDistill.Bags;

/// <summary>Every error of this room that a user meets, built in one place: what, which file and byte, what to do.</summary>
internal static class BagErrors
{
    internal const string DamageRemedy = "run 'qdistill bag check' on it, and read it with damaged parts skipped if what is left will do";

    internal static UserErrorException NotFound(string path) =>
        new("does not exist", path, "give the folder of a rosbag2 bag, or one .mcap or .db3 file");

    internal static UserErrorException Unreadable(string path, Exception e) => e is UnauthorizedAccessException
        ? new("cannot be read: permission denied", path, "check the permissions of the file and its folder", e)
        : new($"cannot be read ({Plain(e)})", path, "check the path and the disk", e);

    internal static UserErrorException NotWritable(string path, Exception e) => e is UnauthorizedAccessException
        ? new("cannot be written: permission denied", path, "check the permissions of the folder, or choose another", e)
        : new($"cannot be written ({Plain(e)})", path, "check free space and permissions", e);

    internal static UserErrorException EmptyFolder(string folder) =>
        new("holds no bag: no metadata.yaml, no .mcap and no .db3 file", folder, "give the folder that 'ros2 bag record' made, or one of its files");

    internal static UserErrorException EmptyFile(string path) =>
        new("is empty (0 bytes), so it is not a bag", path, "record or copy it again");

    internal static UserErrorException NotABag(string path, string found, string? remedy = null) =>
        new($"is not a rosbag2 file: its first bytes are {found}, not those of MCAP, sqlite3 or a zstd frame of these", path, remedy ?? "give a .mcap or .db3 file, or a bag's folder");

    internal static UserErrorException MissingPart(string file, string listedIn) =>
        new($"the bag's file '{System.IO.Path.GetFileName(file)}' is missing, though the bag lists it", listedIn, $"put the file back into {System.IO.Path.GetDirectoryName(file)}, or remove metadata.yaml to read the files that are there");

    internal static UserErrorException UnknownStorage(string storage, string where) =>
        new($"storage plugin '{storage}' is not known", where, "only mcap and sqlite3 can be read; convert the bag with 'ros2 bag convert'");

    internal static UserErrorException UnknownCompression(string format, string where) =>
        new($"compression '{format}' is not known", where, "only zstd (and lz4 within MCAP chunks) can be read; convert the bag with 'ros2 bag convert'");

    internal static UserErrorException UnknownSerialization(string topic, string format, string where) =>
        new($"topic '{topic}' has serialization format '{format}', but only cdr can be read", where, "convert the bag with 'ros2 bag convert', or select other topics");

    internal static UserErrorException Damaged(string path, string what, Exception? inner = null) => new($"is damaged: {what}", path, DamageRemedy, inner);

    internal static UserErrorException MissingLibrary(string library, string package, Exception e) =>
        new($"the system library {library} was not found", null, $"install it (Debian: apt-get install {package})", e);

    internal static string Plain(Exception e) => e.Message.TrimEnd('.').ReplaceLineEndings(" ");
}

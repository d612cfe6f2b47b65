using QDistill.Configuration;
using QDistill.Ros.CodeGen;

// Usage: QDistill.Ros.CodeGen OUTPUT [--packages FOLDER]... [--package NAME FOLDER]... [--appended TYPE:FIELD]...
// Writes OUTPUT/*.g.cs and OUTPUT/interfaces.txt. Files whose content stays the same are not touched; generated files no longer wanted are removed.
try
{
    string output = args[0];
    var set = new InterfaceSet();
    for (int i = 1; i < args.Length; i++)
    {
        switch (args[i])
        {
            case "--packages":
                set.AddPackages(args[++i]);
                break;
            case "--package":
                set.AddPackage(args[i + 1], args[i + 2]);
                i += 2;
                break;
            case "--appended":
                set.AddAppended(args[++i]);
                break;
            default:
                throw new UserErrorException($"unknown argument '{args[i]}'");
        }
    }

    set.Resolve();
    Directory.CreateDirectory(output);
    var files = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["MessageRegistry.g.cs"] = RegistryWriter.Registry(set.All),
        ["interfaces.txt"] = RegistryWriter.Texts(set.All),
    };
    foreach (IGrouping<string, Interface> package in set.All.GroupBy(i => i.Package))
    {
        files[package.Key + ".g.cs"] = ClassWriter.Package(package.Key, package, set.IsAppended);
    }

    foreach (string stale in Directory.GetFiles(output, "*.g.cs").Where(f => !files.ContainsKey(Path.GetFileName(f))))
    {
        File.Delete(stale);
    }

    foreach ((string name, string content) in files)
    {
        string path = Path.Combine(output, name);
        if (!File.Exists(path) || File.ReadAllText(path) != content)
        {
            File.WriteAllText(path, content);
        }
    }

    return 0;
}
catch (UserErrorException e)
{
    // MSBuild shows lines of this form as errors.
    Console.Error.WriteLine($"message generation : error QDMSG1: {e.Message}");
    return 1;
}

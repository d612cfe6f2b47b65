using QDistill.Configuration;

namespace QDistill.Configuration.Tests;

public class AtomicOutputTests
{
    [Fact]
    public void A_failed_write_leaves_the_old_file_and_no_temporary_one()
    {
        using var folder = new TempDirectory();
        AtomicOutput.WriteText(folder["a.txt"], "old");
        Assert.Throws<InvalidOperationException>(() => AtomicOutput.Write(folder["a.txt"], s =>
        {
            s.WriteByte(1);
            throw new InvalidOperationException();
        }));
        Assert.Equal("old", File.ReadAllText(folder["a.txt"]));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_published_folder_replaces_the_one_before()
    {
        using var folder = new TempDirectory();
        foreach (string text in new[] { "old", "new" })
        {
            string temporary = AtomicOutput.TemporaryName(folder["model"]);
            Directory.CreateDirectory(temporary);
            File.WriteAllText(Path.Combine(temporary, "x"), text);
            AtomicOutput.PublishDirectory(temporary, folder["model"]);
        }

        Assert.Equal("new", File.ReadAllText(Path.Combine(folder["model"], "x")));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_place_that_cannot_hold_files_is_one_clear_sentence()
    {
        var e = Assert.Throws<UserErrorException>(() => AtomicOutput.Write("/dev/full/x", _ => { }));
        Assert.StartsWith("/dev/full/x: cannot be written", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}

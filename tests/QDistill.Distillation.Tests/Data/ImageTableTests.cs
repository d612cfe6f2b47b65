using QDistill.Configuration;
using QDistill.Distillation.Data;
using QDistill.Distillation.Teachers;
using QDistill.Distillation.Tests.Students;
using QDistill.Distillation.Training;
using QDistill.Features;
using QDistill.Quantum;

namespace QDistill.Distillation.Tests.Data;

public sealed class ImageTableTests
{
    private static TeacherDataset Mnist(string part, int count) => ImageTable.FromIdx(
        SharedData.PathOf($"datasets/mnist/{part}-images-idx3-ubyte.gz"), SharedData.PathOf($"datasets/mnist/{part}-labels-idx1-ubyte.gz"), safe: 3, hazard: 5, count, size: 7);

    [DataFact("datasets/mnist")]
    public void Handwritten_digits_are_read_whole_and_averaged()
    {
        TeacherDataset all = ImageTable.FromIdx(
            SharedData.PathOf("datasets/mnist/t10k-images-idx3-ubyte.gz"), SharedData.PathOf("datasets/mnist/t10k-labels-idx1-ubyte.gz"), safe: 1, hazard: 5, 0, 28);

        // Published counts of the test set: 1,135 ones and 892 fives.
        Assert.Equal((2027, 784, 892), (all.Count, all.FeatureCount, all.Truth.Count(t => t == Truth.Hazard)));
        TeacherDataset small = ImageTable.FromIdx(
            SharedData.PathOf("datasets/mnist/t10k-images-idx3-ubyte.gz"), SharedData.PathOf("datasets/mnist/t10k-labels-idx1-ubyte.gz"), safe: 1, hazard: 5, 3, 14);
        Assert.Equal((3, 196), (small.Count, small.FeatureCount));
        Assert.Equal((all.Features[0] + all.Features[1] + all.Features[28] + all.Features[29]) / 4, small.Features[0], 1e-6);
        Assert.Equal(all.Features[..784].Average(), small.Features[..196].Average(), 1e-6);
    }

    [DataFact("datasets/jetbot_free_blocked")]
    public void Camera_images_keep_rotated_copies_in_one_bag()
    {
        TeacherDataset data = ImageTable.FromJpegArchive(SharedData.PathOf("datasets/jetbot_free_blocked/dataset_blue.zip"), 8);
        Assert.Equal((240, 64, 120), (data.Count, data.FeatureCount, data.Truth.Count(t => t == Truth.Hazard)));
        Assert.All(data.Features, f => Assert.InRange(f, 0f, 1f));
        Assert.Equal(60, data.Bags.Count);
        Assert.Equal("blocked 1", data.Bags[0]);
        Assert.All(Enumerable.Range(0, 60), b => Assert.Equal(4, data.BagOf.Count(x => x == b)));
        double Mean(int i) => data.Features[(i * 64)..((i + 1) * 64)].Average();

        // A turned copy is as bright as the picture.
        Assert.All(Enumerable.Range(0, 60), b => Assert.Equal(Mean(4 * b), Mean((4 * b) + 3), 0.02));
    }

    [DataFact("datasets/mnist")]
    public void A_quanvolutional_teacher_of_few_digits_teaches_a_convolutional_student_by_hint_and_attention()
    {
        TeacherDataset training = Mnist("train", 500), validation = Mnist("t10k", 400);
        using var backend = new StateVectorBackend();
        TeacherSpec spec = TeacherSpec.DefaultOf("quanvolutional") with { Image = [7, 7], Stride = 1, Labels = 120, Epochs = 25 };
        ITeacher teacher = TeacherFitting.Fit(training, validation, spec, backend);
        Assert.Equal([4, 6, 6], teacher.FeatureShape);
        TeacherAnswers answers = teacher.Answer(training.Features, 0, TeacherDetails.Features);
        Assert.True(TeacherScore.Of("auroc", teacher.Answer(validation.Features, 0).Logits(), validation) > 0.85);
        Recipe recipe = StudentKindTests.RecipeOf("kind: cnn\n  image: [7, 7]\n  channels: [6]\n  hidden: [16]", "signals: {soft_weight: 1, hint_weight: 0.2, attention_weight: 0.5}", 15);
        using TrainedStudent student = StudentTrainer.Train(training.WithTeacher(answers), validation, recipe);
        Assert.True(TeacherScore.Of("auroc", student.Logits(validation), validation) > 0.85);
    }

    [Fact]
    public void Files_that_are_none_are_refused_by_name()
    {
        using var folder = new TempDirectory();
        File.WriteAllBytes(folder["images"], [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3]);
        File.WriteAllBytes(folder["labels"], [0, 0, 8, 1, 0, 0, 0, 1, 5]);
        string Refused(Action action) => Assert.Throws<UserErrorException>(action).Message;
        Assert.Contains("images: is not an IDX file of 1 images of 2×2 pixels, or is cut off", Refused(() => ImageTable.FromIdx(folder["images"], folder["labels"], 1, 5, 0, 1)));
        File.WriteAllBytes(folder["images"], [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 0, 255, 255, 0]);
        Assert.Equal([0.5f], ImageTable.FromIdx(folder["images"], folder["labels"], 1, 5, 0, 1).Features);
        Assert.Contains("cannot be averaged down to 3×3", Refused(() => ImageTable.FromIdx(folder["images"], folder["labels"], 1, 5, 0, 3)));
        Assert.Contains("labels: is not an IDX file of images", Refused(() => ImageTable.FromIdx(folder["labels"], folder["labels"], 1, 5, 0, 1)));
        Assert.Contains("none.zip: cannot be read", Refused(() => ImageTable.FromJpegArchive(folder["none.zip"], 8)));
        Assert.Contains("labels: cannot be read", Refused(() => ImageTable.FromJpegArchive(folder["labels"], 8)));
    }
}

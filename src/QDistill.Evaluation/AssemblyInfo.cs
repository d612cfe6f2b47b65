using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("QDistill.Evaluation.Tests")]

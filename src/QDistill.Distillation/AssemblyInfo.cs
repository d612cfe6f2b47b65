[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("QDistill.Distillation.Tests")]
[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("qdistill-bench")]

[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("QDistill.Quantum.Tests")]
[assembly: System.Runtime.CompilerServices.InternalsVisibleTo("qdistill-bench")]

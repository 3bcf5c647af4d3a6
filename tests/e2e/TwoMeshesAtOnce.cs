// A mesh is a dozen processes: more than two of them at once only make each other slow.
[assembly: Xunit.v3.Parallelization(MaxThreads = 2)]

namespace Tarasol.Mesh;

/// <summary>A failure that the person at the console can act on: its message is shown as it is, without a stack trace.</summary>
internal sealed class MeshException(string message, Exception? inner = null) : Exception(message, inner);

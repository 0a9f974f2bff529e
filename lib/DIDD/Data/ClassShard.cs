namespace DIDD.Data;

/// <summary>
/// Where the classes of a stream stand among all C classes of the set that is distilled. All draws, and the order of the classes within an iteration, go by
/// that position, so that a part of the classes is computed as it would be in the whole.
/// </summary>
/// <param name="First">Position of the first class, from 0.</param>
/// <param name="All">C.</param>
public readonly record struct ClassShard(int First, int All);

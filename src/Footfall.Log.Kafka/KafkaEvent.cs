namespace Footfall.Log.Kafka;

/// <summary>What a client of Kafka has to say to people.</summary>
/// <param name="Error">Something failed; else it is worth knowing.</param>
/// <param name="Client">Which of the adapter's clients: writer, reader, follower, committer, topics.</param>
/// <param name="Text">One line.</param>
public readonly record struct KafkaEvent(bool Error, string Client, string Text);

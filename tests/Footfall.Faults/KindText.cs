namespace Footfall.Faults;

/// <summary>Faults in words.</summary>
internal static class KindText
{
    public static string Of(FaultKind kind) => kind switch
    {
        FaultKind.CollectorKilled => "collector killed",
        FaultKind.MetricsKilled => "metrics killed",
        FaultKind.BrokerKilled => "broker killed",
        FaultKind.MetricsFrozen => "metrics frozen",
        FaultKind.ClientCut => "client cut off",
        FaultKind.BrokersCut => "brokers cut off",
        FaultKind.VisitorsCut => "visitors cut off",
        FaultKind.LogTailTorn => "broker's tail torn",
        FaultKind.KilledInRebalance => "killed in a rebalance",
        FaultKind.KafkaAway => "Kafka away",
        FaultKind.RollingRestart => "rolling restart",
        FaultKind.OneOfTwoKilled => "one of two killed",
        FaultKind.KafkaDown => "Kafka down",
        FaultKind.AllKilled => "killed",
        FaultKind.FileTailTorn => "file's tail torn",
        FaultKind.DiskFull => "disk full",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}

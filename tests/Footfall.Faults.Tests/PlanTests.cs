namespace Footfall.Faults.Tests;

/// <summary>What is decided by the seed.</summary>
public sealed class PlanTests
{
    [Fact]
    public void One_seed_is_one_plan() => Assert.Equal(Plan.Kafka(7, 200, 1, only: null).SelectMany(step => step), Plan.Kafka(7, 200, 1, only: null).SelectMany(step => step));

    [Fact]
    public void Another_seed_is_another_plan() => Assert.NotEqual(Plan.Kafka(7, 200, 1, only: null).SelectMany(step => step), Plan.Kafka(8, 200, 1, only: null).SelectMany(step => step));

    [Fact]
    public void Faults_are_numbered_and_as_many_as_asked_for() =>
        Assert.Equal(Enumerable.Range(5, 150), Plan.Kafka(3, 150, 5, only: null).SelectMany(step => step).Select(fault => fault.Number));

    [Fact]
    public void Every_kind_comes_before_any_comes_again()
    {
        Assert.Equal(11, Plan.Kafka(3, 11, 1, only: null).SelectMany(step => step).Select(fault => fault.Kind).Distinct().Count());
        Assert.Equal(4, Plan.Embedded(3, 4, 1, only: null).SelectMany(step => step).Select(fault => fault.Kind).Distinct().Count());
    }

    [Fact]
    public void Some_faults_overlap_and_none_does_with_what_takes_the_whole_system()
    {
        var pairs = Plan.Kafka(3, 200, 1, only: null).Where(step => step.Length > 1).ToList();

        Assert.NotEmpty(pairs);
        Assert.DoesNotContain(pairs.SelectMany(pair => pair), fault => fault.Kind is FaultKind.LogTailTorn or FaultKind.KafkaAway or FaultKind.RollingRestart or FaultKind.KilledInRebalance);
        Assert.All(pairs, pair => Assert.True(pair[1].Delay < pair[0].Hold));
    }

    [Fact]
    public void The_faults_of_every_change_stay_what_they_are() => Assert.Equal(
        "RollingRestart BrokersCut LogTailTorn MetricsKilled+MetricsFrozen ClientCut KilledInRebalance CollectorKilled KafkaAway BrokerKilled VisitorsCut+CollectorKilled",
        string.Join(' ', Plan.Kafka(77, 12, 1, only: null).Select(step => string.Join('+', step.Select(fault => fault.Kind)))));

    [Fact]
    public void A_long_one_comes_once_in_a_hundred_and_alone()
    {
        FaultKind[] rare = [FaultKind.KafkaDown, FaultKind.OneOfTwoKilled];
        Assert.DoesNotContain(Plan.Kafka(3, 49, 1, only: null).SelectMany(step => step), fault => rare.Contains(fault.Kind));
        for (var seed = 0; seed < 20; seed++)
        {
            var steps = Plan.Kafka(seed, 250, 7, only: null).Where(step => step.Any(fault => rare.Contains(fault.Kind))).ToList();

            Assert.All(steps, step => Assert.Single(step));
            Assert.Equal([56, 156, 256], steps.Where(step => step[0].Kind == FaultKind.OneOfTwoKilled).Select(step => step[0].Number));
            Assert.Equal([106, 206], steps.Where(step => step[0].Kind == FaultKind.KafkaDown).Select(step => step[0].Number));
            Assert.All(steps.Where(step => step[0].Kind == FaultKind.KafkaDown), step => Assert.Equal(TimeSpan.FromSeconds(60), step[0].Hold));
        }
    }

    [Theory]
    [InlineData("KafkaDown", "kafka")]
    [InlineData("DiskFull", "embedded")]
    [InlineData("VisitorsCut", null)]
    public void A_kind_of_one_log_is_for_that_log(string kind, string? log) => Assert.Equal(log, Options.Read(["--kind", kind]).Only);

    [Fact]
    public void One_kind_alone_can_be_asked_for() =>
        Assert.All(Plan.Kafka(3, 9, 1, FaultKind.MetricsFrozen).SelectMany(step => step), fault => Assert.Equal(FaultKind.MetricsFrozen, fault.Kind));
}

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
    public void One_kind_alone_can_be_asked_for() =>
        Assert.All(Plan.Kafka(3, 9, 1, FaultKind.MetricsFrozen).SelectMany(step => step), fault => Assert.Equal(FaultKind.MetricsFrozen, fault.Kind));
}

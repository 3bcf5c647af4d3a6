using Tarasol.Tenants.Provisioning;
using Tarasol.Workflow.Testing;

namespace Tarasol.Tests.Unit.Tenant;

/// <summary>The order of provisioning and what becomes of failures; with real services in tests/integration.</summary>
public sealed class ProvisionTenantWorkflowTests
{
    private const int Attempts = 5;
    private readonly List<string> calls = [];
    private readonly Lock gate = new();
    private readonly Dictionary<string, int> failures = [];

    [Fact]
    public async Task The_first_administrator_comes_after_all_services_and_the_status_last()
    {
        Assert.True(await RunAsync(firstAdmin: true));
        Assert.Equal(["audit", "task"], calls[..2].Order());
        Assert.Equal(["first-admin", "active acme"], calls[2..]);
    }

    [Fact]
    public async Task What_fails_for_a_while_is_tried_until_it_is_done()
    {
        failures["audit"] = Attempts - 1;
        Assert.True(await RunAsync(firstAdmin: true));
        Assert.Equal(Attempts, calls.Count(call => call == "audit"));
        Assert.Equal(1, calls.Count(call => call == "task"));
        Assert.Equal("active acme", calls[^1]);
    }

    [Fact]
    public async Task What_fails_to_the_last_is_reported_and_the_others_are_done()
    {
        failures["audit"] = failures["task"] = int.MaxValue;
        Assert.False(await RunAsync(firstAdmin: true));
        Assert.Equal("failed audit: not audit, task: not task", calls[^1]);
        Assert.DoesNotContain("first-admin", calls);
        Assert.DoesNotContain("active acme", calls);
    }

    [Fact]
    public async Task A_failed_first_administrator_is_reported_too()
    {
        failures[ProvisioningStep.FirstAdmin] = int.MaxValue;
        Assert.False(await RunAsync(firstAdmin: true));
        Assert.Equal("failed first-admin: not first-admin", calls[^1]);
    }

    [Fact]
    public async Task A_service_that_joins_later_makes_no_administrator()
    {
        Assert.True(await RunAsync(firstAdmin: false));
        Assert.DoesNotContain("first-admin", calls);
    }

    [Fact]
    public void The_waits_get_longer_up_to_a_minute() =>
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], Enumerable.Range(1, 8).Select(attempts => (int)ProvisionTenantWorkflow.WaitAfter(attempts).TotalSeconds));

    private async Task<bool> RunAsync(bool firstAdmin)
    {
        await using var runner = new WorkflowRunner(options =>
        {
            options.RegisterWorkflow<ProvisionTenantWorkflow>();
            options.RegisterActivity<StepAttempts.Step, object?>(nameof(MakeDatabase), (_, step) => Attempt(step.Name));
            options.RegisterActivity<StepAttempts.Step, object?>(nameof(MakeFirstAdmin), (_, step) => Attempt(step.Name));
            options.RegisterActivity<string, object?>(nameof(ActivateTenant), (_, slug) => Note($"active {slug}"));
            options.RegisterActivity<ReportFailure.Input, object?>(nameof(ReportFailure), (_, input) =>
                Note($"failed {string.Join(", ", input.Steps.Select(step => $"{step.Name}: {step.Error}"))}"));
        });
        return await runner.RunAsync<bool>(nameof(ProvisionTenantWorkflow), new ProvisionTenantWorkflow.Input("acme", ["audit", "task"], firstAdmin, Attempts));
    }

    private Task<object?> Note(string call)
    {
        lock (gate)
            calls.Add(call);
        return Task.FromResult<object?>(null);
    }

    private Task<object?> Attempt(string step)
    {
        lock (gate)
        {
            calls.Add(step);
            if (failures.GetValueOrDefault(step) is > 0 and var left)
            {
                failures[step] = left - 1;
                throw new StepFailedException($"not {step}");
            }
        }
        return Task.FromResult<object?>(null);
    }
}

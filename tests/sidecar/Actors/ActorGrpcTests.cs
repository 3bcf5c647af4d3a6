using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Tarasol.Tests.Sidecar.Scheduling;

namespace Tarasol.Tests.Sidecar.Actors;

public sealed class ActorGrpcTests
{
    [Fact]
    public async Task The_actor_API_is_there_over_gRPC_too()
    {
        await using var mesh = await ActorMesh.StartAsync();
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{mesh.BetaGrpcPort}");
        var dapr = new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(channel);

        var answer = await dapr.InvokeActorAsync(new InvokeActorRequest { ActorType = "counter", ActorId = "g", Method = "inc" });
        Assert.Equal("""{"count":1}""", answer.Data.ToStringUtf8());
        var failed = await Assert.ThrowsAsync<RpcException>(async () => await dapr.InvokeActorAsync(new InvokeActorRequest { ActorType = "counter", ActorId = "g", Method = "fail" }));
        Assert.Equal(StatusCode.Internal, failed.StatusCode);

        var transaction = new ExecuteActorStateTransactionRequest { ActorType = "counter", ActorId = "g" };
        transaction.Operations.Add(new TransactionalActorStateOperation { OperationType = "upsert", Key = "k", Value = new Any { Value = ByteString.CopyFromUtf8("bytes") } });
        await dapr.ExecuteActorStateTransactionAsync(transaction);
        Assert.Equal("bytes", (await dapr.GetActorStateAsync(new GetActorStateRequest { ActorType = "counter", ActorId = "g", Key = "k" })).Data.ToStringUtf8());
        Assert.True((await dapr.GetActorStateAsync(new GetActorStateRequest { ActorType = "counter", ActorId = "g", Key = "none" })).Data.IsEmpty);
        transaction.ActorId = "inactive";
        Assert.Equal("actor instance is missing", (await Assert.ThrowsAsync<RpcException>(async () => await dapr.ExecuteActorStateTransactionAsync(transaction))).Status.Detail);

        await dapr.RegisterActorReminderAsync(new RegisterActorReminderRequest { ActorType = "counter", ActorId = "g", Name = "r", DueTime = "1h", Period = "2h", Data = ByteString.CopyFromUtf8("d") });
        var shown = await dapr.GetActorReminderAsync(new GetActorReminderRequest { ActorType = "counter", ActorId = "g", Name = "r" });
        Assert.Equal(("1h", "@every 2h0m0s", "\"ZA==\""), (shown.DueTime, shown.Period, shown.Data.Unpack<BytesValue>().Value.ToStringUtf8()));
        await dapr.RegisterActorReminderAsync(new RegisterActorReminderRequest { ActorType = "counter", ActorId = "h", Name = "r", DueTime = "1h" });
        Assert.Equal(["g", "h"], (await dapr.ListActorRemindersAsync(new ListActorRemindersRequest { ActorType = "counter" })).Reminders.Select(reminder => reminder.Reminder.ActorId));
        await dapr.UnregisterActorRemindersByTypeAsync(new UnregisterActorRemindersByTypeRequest { ActorType = "counter", ActorId = "g" });
        Assert.Equal(["h"], (await dapr.ListActorRemindersAsync(new ListActorRemindersRequest { ActorType = "counter" })).Reminders.Select(reminder => reminder.Reminder.ActorId));
        await dapr.UnregisterActorReminderAsync(new UnregisterActorReminderRequest { ActorType = "counter", ActorId = "h", Name = "r" });
        Assert.Equal(StatusCode.NotFound, (await Assert.ThrowsAsync<RpcException>(async () => await dapr.GetActorReminderAsync(new GetActorReminderRequest { ActorType = "counter", ActorId = "h", Name = "r" }))).StatusCode);

        await dapr.RegisterActorTimerAsync(new RegisterActorTimerRequest { ActorType = "counter", ActorId = "g", Name = "t", DueTime = "0s", Callback = "c" });
        await Eventually.Holds(() => mesh.App.Of("/g/method/timer/t").Any(), "the timer");
        await dapr.UnregisterActorTimerAsync(new UnregisterActorTimerRequest { ActorType = "counter", ActorId = "g", Name = "t" });
        // Of newer clients: wire, 2.0.
        var unknown = (await Assert.ThrowsAsync<RpcException>(async () => await dapr.GetActorTimerAsync(new GetActorTimerRequest()))).Status;
        Assert.Equal((StatusCode.Unimplemented, "this API is currently not implemented"), (unknown.StatusCode, unknown.Detail));
    }
}

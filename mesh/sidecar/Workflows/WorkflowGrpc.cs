using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Tarasol.Sidecar.Hosting;

namespace Tarasol.Sidecar.Workflows;

/// <summary>The workflow methods of Dapr's gRPC API, in both versions that it has.</summary>
internal static class WorkflowGrpc
{
    public static void Bind(DaprMethods methods)
    {
        foreach (var version in (string[])["Alpha1", "Beta1"])
        {
            methods.Unary<StartWorkflowRequest, StartWorkflowResponse>($"StartWorkflow{version}", async (app, request, call) =>
                new StartWorkflowResponse { InstanceId = await Api(call).StartAsync(app, request, call.CancellationToken) });
            methods.Unary<GetWorkflowRequest, GetWorkflowResponse>($"GetWorkflow{version}", async (app, request, call) =>
                await Api(call).GetAsync(app, request.InstanceId, call.CancellationToken) ?? new GetWorkflowResponse { InstanceId = request.InstanceId });
            methods.Unary<RaiseEventWorkflowRequest, Empty>($"RaiseEventWorkflow{version}", (app, request, call) =>
                Done(Api(call).RaiseEventAsync(app, request.InstanceId, request.EventName, request.EventData.ToStringUtf8(), call.CancellationToken)));
            methods.Unary<PauseWorkflowRequest, Empty>($"PauseWorkflow{version}", (app, request, call) =>
                Done(Api(call).PauseAsync(app, request.InstanceId, call.CancellationToken)));
            methods.Unary<ResumeWorkflowRequest, Empty>($"ResumeWorkflow{version}", (app, request, call) =>
                Done(Api(call).ResumeAsync(app, request.InstanceId, call.CancellationToken)));
            methods.Unary<TerminateWorkflowRequest, Empty>($"TerminateWorkflow{version}", (app, request, call) =>
                Done(Api(call).TerminateAsync(app, request.InstanceId, call.CancellationToken)));
            methods.Unary<PurgeWorkflowRequest, Empty>($"PurgeWorkflow{version}", (app, request, call) =>
                Done(Api(call).PurgeAsync(app, request.InstanceId, call.CancellationToken)));
        }
    }

    private static WorkflowApi Api(ServerCallContext call) => call.GetHttpContext().RequestServices.GetRequiredService<WorkflowApi>();

    private static async Task<Empty> Done(Task task)
    {
        await task;
        return new Empty();
    }
}

"use strict";
// The SDK's callActivity and callChildWorkflow know no other app. Its grpcOptions take interceptors of grpc-js, though: this one adds the target app-id (the router of
// Dapr's workflow actions) to the actions that name what another app has. Names stay as they are, so that the SDK finds its own actions again when it replays.

const grpc = require("@grpc/grpc-js");

const CompleteTask = "/TaskHubSidecarService/CompleteOrchestratorTask";

// Numbers of Dapr's protocol: OrchestratorResponse.actions, OrchestratorAction.router, TaskRouter.targetAppID.
const Actions = 2;
const Router = 9;
const TargetAppId = 2;

/** A field of bytes in protobuf's encoding. A message may be continued by further fields. */
function field(number, bytes) {
  const head = [(number << 3) | 2];
  let length = bytes.length;
  for (; length > 127; length >>>= 7) head.push((length & 127) | 128);
  head.push(length);
  return Buffer.concat([Buffer.from(head), bytes]);
}

function address(response, appOf) {
  const actions = response.getActionsList();
  if (!actions.some(appOf)) return;
  const encoded = actions.map((action) => {
    const app = appOf(action);
    const router = app ? field(Router, field(TargetAppId, Buffer.from(app))) : Buffer.alloc(0);
    return field(Actions, Buffer.concat([action.serializeBinary(), router]));
  });
  response.setActionsList([]);
  const rest = response.serializeBinary();
  response.serializeBinary = () => Buffer.concat([rest, ...encoded]);
}

/** For grpcOptions.interceptors of a WorkflowRuntime: which app has the activities and workflows of these names; those that are not named are the worker's own. */
function inOtherApps({ activities = {}, workflows = {} }) {
  const appOf = (action) =>
    action.hasScheduletask() ? activities[action.getScheduletask().getName()] : action.hasCreatesuborchestration() ? workflows[action.getCreatesuborchestration().getName()] : undefined;
  return (options, nextCall) =>
    new grpc.InterceptingCall(nextCall(options), {
      sendMessage(message, next) {
        if (options.method_definition.path === CompleteTask) address(message, appOf);
        next(message);
      },
    });
}

module.exports = { inOtherApps };

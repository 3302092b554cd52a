// Transitions per second of @ballerine/workflow-core between two states, without its own log. The folder of its package is the argument.
import { createRequire } from 'node:module';

const { createWorkflow } = createRequire(`${process.argv[2]}/package.json`)('@ballerine/workflow-core');
console.log = console.info = console.debug = () => {};
const states = {
  agent_verification: { on: { PROPOSE: 'final_approval' } },
  final_approval: { on: { RETURN: 'agent_verification' } },
};
const workflow = createWorkflow({
  runtimeId: 'one',
  definitionType: 'statechart-json',
  definition: { id: 'verification', predictableActionArguments: true, initial: 'agent_verification', context: {}, states },
  workflowContext: { machineContext: {}, state: 'agent_verification' },
  extensions: {},
});

async function transitions(milliseconds) {
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < milliseconds) {
    await workflow.sendEvent({ type: 'PROPOSE' });
    await workflow.sendEvent({ type: 'RETURN' });
    done += 2;
  }
  return (done / (performance.now() - start)) * 1000;
}

await transitions(300);
process.stdout.write(`${Math.round(await transitions(1500))}\n`);

// Runs the built command line once for each message, and sends back its exit code and what it printed: a process for
// each of some hundred calls would take minutes. Plain JavaScript, because the built files are what is tried.
import { main } from '../../packages/cli/dist/main.js';

for (const emitter of [process, process.stdout, process.stderr]) emitter.setMaxListeners(0);

// A command that ran a pipeline ends its process some seconds later; here others follow.
process.exit = () => undefined;

let text = '';
function take(chunk, ...rest) {
  text += String(chunk);
  rest.find((item) => typeof item === 'function')?.();
  return true;
}
process.stdout.write = take;
process.stderr.write = take;

process.on('message', async (argv) => {
  text = '';
  const code = await main(argv).catch((error) => {
    take(error.stack);
    return -1;
  });
  process.send({ code, text });
});

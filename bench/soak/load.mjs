import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { httpActions } from './http-actions.mjs';
import { websocketActions } from './websocket-actions.mjs';

const clients = 32;
const actions = [...httpActions, ...websocketActions];
const weights = actions.reduce((sum, { weight }) => sum + weight, 0);

/** How an action can end, in the order of the table. */
export const endings = ['answered', 'refused', 'broken', 'cut', 'wrong', 'hung'];

/** Every client does one thing after the other, by chance, until the time is over. Resolves with action → ending → count. */
export async function mixedLoad(port, seconds) {
  const counts = new Map(actions.map(({ name }) => [name, Object.fromEntries(endings.map((ending) => [ending, 0]))]));
  const agent = new Agent({ keepAlive: true });
  const end = Date.now() + seconds * 1_000;
  const work = async () => {
    while (Date.now() < end) {
      const { name, act } = anyAction();
      const ending = await act({ port, agent }).catch(() => 'broken');
      counts.get(name)[ending]++;
      await pause(Math.random() * 5);
    }
  };
  await Promise.all(Array.from({ length: clients }, work));
  agent.destroy();
  return counts;
}

function anyAction() {
  let rest = Math.random() * weights;
  return actions.find(({ weight }) => {
    rest -= weight;
    return rest < 0;
  });
}

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Spawned tests run the built command: build it before the first test when the sources are newer. */
export default function buildOnce(): void {
  const setup = fileURLToPath(new URL('../../scripts/setup.mjs', import.meta.url))
  execFileSync(process.execPath, [setup], { stdio: ['ignore', 2, 2] })
}

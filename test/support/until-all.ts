import { afterAll } from 'vitest'

/**
 * For a suite whose `beforeAll` opens things: what is handed over is closed after its last test, the last first. Called in the body of the
 * suite, because an `afterAll` that a running hook registers is never called.
 */
export function untilAll(): (close: () => unknown) => void {
  const opened: (() => unknown)[] = []
  afterAll(async () => {
    for (const close of opened.toReversed()) await close()
  })
  return (close) => void opened.push(close)
}

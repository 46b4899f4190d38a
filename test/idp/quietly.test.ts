import { expect, onTestFinished, test, vi } from 'vitest'
import { quietly } from '../../src/idp/quietly.js'

function listen(): string[] {
  const lines: string[] = []
  for (const name of ['info', 'warn'] as const) {
    const spy = vi.spyOn(console, name).mockImplementation((...args: unknown[]) => void lines.push(args.join(' ')))
    onTestFinished(() => spy.mockRestore())
  }
  return lines
}

test.for(['info', 'warn'] as const)('console.%s: notices of the library are dropped, everything else passes', async (name) => {
  const lines = listen()
  await quietly(async () => {
    console[name]('oidc-provider NOTICE: dropped')
    console[name]('\u001B[31;1moidc-provider WARNING: dropped, in colour\u001B[0m')
    console[name]('kept', 1)
    console[name](new Error('kept too'))
  })
  expect(lines).toEqual(['kept 1', 'Error: kept too'])
})

test('afterwards, also after a failure and among parallel calls, the console is as before', async () => {
  const lines = listen()
  const { info, warn } = console
  await Promise.allSettled([
    quietly(async () => undefined),
    quietly(async () => {
      await Promise.resolve()
      console.warn('oidc-provider WARNING: dropped')
      throw new Error('failed')
    }),
  ])
  expect(console.info).toBe(info)
  expect(console.warn).toBe(warn)
  console.warn('oidc-provider WARNING: heard again')
  expect(lines).toEqual(['oidc-provider WARNING: heard again'])
})

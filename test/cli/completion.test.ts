import { expect, test } from 'vitest'
import { createWorkspace } from '../client/workspace.js'

test.for(['bash', 'zsh', 'fish', 'powershell'])('prints a script for %s that asks us', async (shell) => {
  const { run } = await createWorkspace()
  const { exitCode, stdout } = await run(['completion', shell])
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/oidcgw complete/)
})

test('another shell is exit 2', async () => {
  const { run } = await createWorkspace()
  expect(await run('completion tcsh')).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringContaining('bash, zsh, fish, powershell') as string,
  })
})

test.for([
  { words: ['to'], expected: ['token'] },
  { words: ['store', ''], expected: ['list', 'show', 'clear', 'path'] },
  { words: ['token', '--fr'], expected: ['--fresh'] },
  { words: ['token', '--client-auth', ''], expected: ['client_secret_basic', 'none'] },
  { words: ['token', '-p', ''], expected: ['alice', 'orders'] },
  { words: ['login', ''], expected: ['alice', 'orders'] },
])('$words → $expected', async ({ words, expected }) => {
  const { run } = await createWorkspace({ profiles: { alice: {}, orders: {} } })
  const { exitCode, stdout } = await run(['complete', '--', ...words])
  expect(exitCode).toBe(0)
  expect(stdout.split('\n').map((line) => line.split('\t')[0])).toEqual(expect.arrayContaining(expected))
})

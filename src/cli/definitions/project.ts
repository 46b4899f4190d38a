import type { Command } from 'commander'
import { addSharedOptions } from '../options.js'
import type { Start } from '../program.js'

/** Before anything else: a project file, a look at the provider, a shell that helps. */
export function defineProject(program: Command, start: Start): void {
  const init = program
    .command('init')
    .description('Write a starter oidcgw.yaml.')
    .option('--demo', 'for the embedded lab')
    .option('--force', 'replace an existing file')
    .option('--schema', 'print the JSON Schema of the file instead')
  addSharedOptions(init, 'profile', 'output').action((options: object) =>
    start(async (context) => (await import('../commands/init.js')).init([], options, context)),
  )

  const discover = program
    .command('discover')
    .description('Show what a provider publishes about itself: metadata and keys.')
    .argument('[issuer]', 'default: the profile’s')
    .option('--check', 'say what is wrong with it; exit 1 for an error')
  addSharedOptions(discover, 'profile', 'network', 'output').action((issuer: string | undefined, options: object) =>
    start(async (context) => (await import('../commands/discover.js')).discover([issuer], options, context)),
  )

  program
    .command('completion')
    .description('Print a completion script: source <(oidcgw completion bash)')
    .argument('<shell>', 'bash, zsh, fish or powershell')
    .action((shell: string) => start(async (context) => (await import('../commands/completion.js')).completion(shell, context)))
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action((words: readonly string[]) =>
      start(async (context) => (await import('../commands/completion.js')).complete(words, program, context)),
    )
}

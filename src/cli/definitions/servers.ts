import { InvalidArgumentError, Option, type Command } from 'commander'
import { addSharedOptions } from '../options.js'
import type { Start } from '../program.js'

const port = (name: string, what: string) =>
  new Option(`--${name}-port <port>`, what).argParser((text) => {
    const number = Number(text)
    if (!Number.isInteger(number) || number < 0 || number > 65_535) throw new InvalidArgumentError('A port is a number from 0 to 65535.')
    return number
  })

/** `demo` and `lab`. */
export function define(program: Command, start: Start): void {
  addSharedOptions(program.command('demo').description('Start the lab and replay the four stories as a checked report.'), 'output')
    .option('--story <n>', 'only this one, by number or name')
    .option('--diagram', 'print each observed exchange as a Mermaid sequence diagram instead')
    .option('--keep', 'leave the lab running afterwards')
    .option('--redis <url>', 'keep story 2’s sessions in this Redis, as the tutorial does')
    .action((options) => start(async (context) => (await import('../commands/demo.js')).demo(options, context)))

  addSharedOptions(
    program
      .command('lab')
      .description('Run a provider, a gateway and an echo upstream on loopback.')
      .argument('[command...]', 'a command to run against it, after --'),
    'output',
  )
    .option('--write <file>', 'write a project file with profiles and suites for it')
    .option('--kong <file>', 'serve this Kong document instead of the lab’s own')
    .addOption(port('idp', 'port of the provider'))
    .addOption(port('gateway', 'port of the gateway'))
    .addOption(port('echo', 'port of the upstream'))
    .addHelpText('after', "\nExample: oidcgw lab -- bash -c 'oidcgw login m2m && oidcgw probe /oidcroute/get --as m2m --expect 200'")
    .action((command, options) => start(async (context) => (await import('../commands/lab.js')).lab(command, options, context)))
}

import { Command, type Option } from 'commander'

/** A command in the list of all commands, which says of options only that there are some: making every one is half the work of `--help`. */
export class Outline extends Command {
  override createCommand(name?: string): Command {
    return new Outline(name)
  }

  override option(flags: string, ...more: unknown[]): this {
    return this.options.length > 0 ? this : super.option(flags, ...(more as [description?: string]))
  }

  override addOption(option: Option): this {
    return this.options.length > 0 ? this : super.addOption(option)
  }
}

import { formatTarget } from '../config/target';
import { printable } from '../observe/printable';
import type { Examination } from './examine';
import type { Finding, Severity } from './finding';

const words: Readonly<Record<Severity, string>> = { wrong: 'WRONG', warning: 'warning', note: 'note' };

/** An examination in lines for people. */
export function examinationLines({ mount, tool, findings }: Examination): string[] {
  const named = tool === null || tool === mount.name ? '' : `, which looks like ${tool}`;
  return [
    `${mount.path}  ${mount.name} → ${mount.targets.map(formatTarget).join(', ')}${named}`,
    ...(findings.length === 0 ? ['  nothing wrong was found'] : findings.flatMap(findingLines)),
    '',
  ].map(printable);
}

export function findingLines({ severity, title, evidence, cause, fix }: Finding): string[] {
  return [
    `  ${words[severity]}: ${title}`,
    ...evidence.map((line) => `      seen: ${line}`),
    `      why:  ${cause}`,
    ...fix.map((line) => `      fix:  ${line}`),
  ];
}

/** The last line. */
export function summary(examinations: readonly Examination[], own: readonly Finding[]): string {
  const all = [...own, ...examinations.flatMap(({ findings }) => findings)];
  const count = (severity: Severity, one: string, many: string) => {
    const { length } = all.filter((finding) => finding.severity === severity);
    return length === 0 ? [] : [`${length} ${length === 1 ? one : many}`];
  };
  const counts = [
    ...count('wrong', 'thing is wrong', 'things are wrong'),
    ...count('warning', 'warning', 'warnings'),
    ...count('note', 'note', 'notes'),
  ];
  const looked = `${examinations.length} ${examinations.length === 1 ? 'tool was' : 'tools were'} looked at`;
  return `${looked}: ${counts.length === 0 ? 'nothing wrong was found' : counts.join(', ')}`;
}

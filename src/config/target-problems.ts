import type { Target } from './config';
import type { FieldPath, Problem } from './problem';
import { formatTarget } from './target';

/** What is wrong with several targets of one mount, each of which is right by itself. */
export function targetProblems(targets: readonly Target[], path: FieldPath): Problem[] {
  const problems: Problem[] = [];
  const [first] = targets;
  targets.forEach((target, index) => {
    if (first === undefined || index === 0) return;
    const field = [...path, index];
    const text = formatTarget(target);
    const earlier = targets.findIndex((other) => formatTarget(other) === text);
    if (earlier < index) problems.push({ path: field, message: `"${text}" stands there twice; take one out` });
    else if (target.path !== first.path)
      problems.push({
        path: field,
        message: `"${text}" has another path than "${formatTarget(first)}"; the targets of a mount serve the same paths`,
      });
  });
  return problems;
}

/** Works something out now, for whoever wants to know later: its value, or what it throws. */
export function outcomeOf<T>(work: () => T): () => T {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

// An Avatar stands for a contact without a picture: its initials, in one of eight colours that the id decides.
export function Avatar({ name, id, size = "m", square = false }: { name: string; id: string; size?: "s" | "m" | "l"; square?: boolean }) {
  const hue = [...id].reduce((sum, digit) => (sum * 31 + digit.charCodeAt(0)) % 8, 0);
  return <span class={`avatar ${size} hue-${hue}${square ? " square" : ""}`} aria-hidden="true">{initials(name)}</span>;
}

export function initials(name: string): string {
  const words = name.split(/[\s,.-]+/).filter(word => /[\p{L}\p{N}]/u.test(word));
  const first = [...(words[0] ?? "")][0] ?? "";
  const last = words.length > 1 ? [...(words.at(-1) ?? "")][0] ?? "" : "";
  return (first + last).toUpperCase();
}

import { useEffect, useRef, useState } from "preact/hooks";
import { call, get, inOrganization } from "../api/client";
import type { Image } from "../api/types";
import { t } from "../text/text";
import { Avatar } from "../ui/avatar";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icons";
import { tell } from "../ui/toast";
import { reasonOf, useLoaded } from "./parts";
import { isPicture, pictureOf, upload } from "./pictures";

// useImages returns the images of a contact, and looks again while one of them is being processed.
export function useImages(path: string) {
  const loaded = useLoaded(signal => get<{ items: Image[] }>(inOrganization(`${path}/images`), signal), [path]);
  const images = loaded.data?.items ?? [];
  const processing = images.some(image => image.status === "PROCESSING");
  useEffect(() => {
    if (!processing) return;
    const timer = setTimeout(loaded.reload, 500);
    return () => clearTimeout(timer);
  }, [loaded.data]);
  return { images, reload: loaded.reload };
}

// Picture shows an image of a contact, its place held while it is loaded.
export function Picture({ path, image, size, name }: { path: string; image: Image; size: 64 | 256 | 1024; name: string }) {
  const [source, setSource] = useState("");
  useEffect(() => {
    let address = "", left = false;
    pictureOf(path, image.id, size).then(found => { if (left) URL.revokeObjectURL(found); else setSource(address = found); }, () => undefined); // its place stays empty
    return () => { left = true; if (address) URL.revokeObjectURL(address); };
  }, [path, image.id, size]);
  return source ? <img src={source} alt={t("picture", { name })} /> : <span class="picture-place" />;
}

// Portrait is the newest picture of a contact, or its initials.
export function Portrait({ path, images, name, id, square }: { path: string; images: Image[]; name: string; id: string; square: boolean }) {
  const first = images.find(image => image.status === "READY");
  return <span class={square ? "portrait square" : "portrait"}>{first ? <Picture key={first.id} path={path} image={first} size={256} name={name} /> : <Avatar name={name} id={id} size="l" square={square} />}</span>;
}

// Images are added by dropping, pasting, choosing or taking them.
export function Images({ path, name, images, reload, readOnly }: { path: string; name: string; images: Image[]; reload: () => void; readOnly: boolean }) {
  const [sending, setSending] = useState(0);
  const [over, setOver] = useState(false);
  const [large, setLarge] = useState<Image | null>(null);
  const file = useRef<HTMLInputElement>(null), camera = useRef<HTMLInputElement>(null);

  async function add(files: Iterable<File> | null | undefined) {
    for (const one of files ?? []) {
      if (!isPicture(one)) { tell(t("notPicture"), { bad: true }); continue; }
      setSending(n => n + 1);
      try {
        await upload(path, one);
        reload();
      } catch (error) {
        tell(reasonOf(error), { bad: true });
      }
      setSending(n => n - 1);
    }
  }
  async function remove(image: Image) {
    try {
      await call("DELETE", inOrganization(`${path}/images/${image.id}`));
      tell(t("removed", { what: t("image") }));
      reload();
    } catch (error) {
      tell(reasonOf(error), { bad: true });
    }
  }
  useEffect(() => {
    if (readOnly) return;
    const paste = (event: ClipboardEvent) => { if (event.clipboardData?.files.length) { event.preventDefault(); void add(event.clipboardData.files); } };
    addEventListener("paste", paste);
    return () => removeEventListener("paste", paste);
  }, [path, readOnly]);
  if (readOnly && !images.length) return null;
  const chosen = (event: { currentTarget: HTMLInputElement }) => { void add([...event.currentTarget.files ?? []]); event.currentTarget.value = ""; };
  return (
    <section class="part" aria-label={t("images")}>
      <div class="part-head"><h2>{t("images")}</h2></div>
      <div class="part-items">
        {(images.length > 0 || sending > 0) && (
          <ul class="pictures">
            {Array.from({ length: sending }, (_, i) => <li key={`sending-${i}`} class="picture busy"><span>{t("uploadProgress")}</span></li>)}
            {images.map(image => (
              <li key={image.id} class={`picture ${image.status.toLowerCase()}`}>
                {image.status === "READY"
                  ? <button type="button" class="picture-open" onClick={() => setLarge(image)}><Picture path={path} image={image} size={256} name={name} /></button>
                  : <span role="status">{image.status === "PROCESSING" ? t("processing") : t("rejected", { reason: image.reason ?? "" })}</span>}
                {!readOnly && <button type="button" class="round picture-remove" aria-label={t("removeWhat", { what: t("image") })} onClick={() => void remove(image)}><Icon name="close" size={14} /></button>}
              </li>
            ))}
          </ul>
        )}
        {!readOnly && (
          <div class={over ? "drop over" : "drop"} onDragOver={event => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
            onDrop={event => { event.preventDefault(); setOver(false); void add(event.dataTransfer?.files); }}>
            <Icon name="camera" /><span>{t("dropHere")}</span>
            <button type="button" class="plain" onClick={() => file.current?.click()}>{t("chooseFile")}</button>
            <button type="button" class="plain touch" onClick={() => camera.current?.click()}>{t("takePhoto")}</button>
            <input ref={file} id="picture-file" type="file" accept="image/jpeg,image/png" multiple hidden onChange={chosen} />
            <input ref={camera} type="file" accept="image/jpeg" capture="environment" hidden onChange={chosen} />
          </div>
        )}
      </div>
      {large && <Dialog wide title={t("picture", { name })} onClose={() => setLarge(null)}>
        <div class="picture-large"><Picture path={path} image={large} size={1024} name={name} /></div>
        <div class="editor-end"><button type="button" onClick={() => setLarge(null)}>{t("close")}</button></div>
      </Dialog>}
    </section>
  );
}

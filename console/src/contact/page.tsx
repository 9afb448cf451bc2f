import { useEffect } from "preact/hooks";
import { Problem } from "../api/client";
import type { Kind } from "../api/types";
import { Failed } from "../list/pane";
import { changed } from "../list/store";
import { mayWrite } from "../session/session";
import { t } from "../text/text";
import { detailsOf, tagsOf } from "./details";
import { Everything } from "./everything";
import { Head } from "./head";
import { Images, useImages } from "./images";
import { knownOptions, Options } from "./options";
import { reasonOf, useLoaded } from "./parts";
import { Tags } from "./tags";

// load reads all that the page shows but the pictures, so that nothing moves when more arrives.
async function load(kind: Kind, id: string, signal: AbortSignal) {
  const [details, tags, known] = await Promise.all([detailsOf(kind, id, signal), tagsOf(kind, id, signal), kind === "individual" ? knownOptions(id, signal) : null]);
  return { ...details, tags, known };
}

// A ContactPage shows everything of a contact, each part changed in its place.
export function ContactPage({ kind, id }: { kind: Kind; id: string }) {
  const path = `${kind}/${id}`;
  const { data, error, reload } = useLoaded(signal => load(kind, id, signal), [kind, id]);
  const { images, reload: reloadImages } = useImages(path);
  useEffect(() => { if (data?.contact.id === id) changed(kind, data.contact); }, [data]);
  useEffect(() => { if (data?.contact.id === id) document.title = `${data.contact.name} · ${t("console")}`; }, [data]);
  if (!data || data.contact.id !== id) {
    if (error instanceof Problem && error.status === 404) return <div class="empty"><p>{t("notFoundContact")}</p></div>;
    return error ? <Failed reason={reasonOf(error)} onRetry={reload} /> : <div class="contact placeholder" role="status" aria-label={t("loading")} />;
  }
  const { contact, tags, known } = data;
  const readOnly = contact.deleted || !mayWrite();
  return (
    <article class="contact" aria-label={contact.name}>
      <Head kind={kind} contact={contact} images={images} onChange={reload}>
        {kind !== "placeholder-customers" && <Tags path={path} tags={tags} readOnly={readOnly} onChange={reload} />}
      </Head>
      <Everything kind={kind} id={id} details={data} readOnly={readOnly} onChange={reload} />
      {known && <Options id={id} known={known} readOnly={readOnly} onChange={reload} />}
      <Images path={path} name={contact.name} images={images} reload={reloadImages} readOnly={readOnly} />
    </article>
  );
}

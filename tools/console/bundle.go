package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"path/filepath"

	esbuild "github.com/evanw/esbuild/pkg/api"
)

// bundle returns the scripts and styles of the console and of the reference by their paths in the repository at root, built from its sources.
func bundle(root string) (map[string][]byte, error) {
	folder, err := filepath.Abs(filepath.Join(root, "console"))
	if err != nil {
		return nil, err
	}
	result := esbuild.Build(esbuild.BuildOptions{
		AbsWorkingDir: folder,
		EntryPointsAdvanced: []esbuild.EntryPoint{
			{InputPath: "src/main.tsx", OutputPath: "pkg/console/assets/console"}, {InputPath: "src/style/all.css", OutputPath: "pkg/console/assets/console"},
			{InputPath: "src/reference/main.ts", OutputPath: "pkg/docs/assets/reference"}, {InputPath: "src/reference/errors.ts", OutputPath: "pkg/docs/assets/errors"},
			{InputPath: "src/style/docs.css", OutputPath: "pkg/docs/assets/docs"},
		},
		Bundle: true, Outdir: folder, Charset: esbuild.CharsetUTF8, LegalComments: esbuild.LegalCommentsNone,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		Format: esbuild.FormatIIFE, Target: esbuild.ES2023, JSX: esbuild.JSXAutomatic, JSXImportSource: "preact",
		Engines: []esbuild.Engine{ // which know light-dark()
			{Name: esbuild.EngineChrome, Version: "123"}, {Name: esbuild.EngineFirefox, Version: "120"}, {Name: esbuild.EngineSafari, Version: "17.5"},
		},
	})
	if len(result.Errors) > 0 {
		return nil, errors.New(esbuild.FormatMessages(result.Errors, esbuild.FormatMessagesOptions{})[0])
	}
	files := map[string][]byte{}
	for _, f := range result.OutputFiles {
		path, err := filepath.Rel(folder, f.Path)
		if err != nil {
			return nil, err
		}
		files[path] = f.Contents
	}
	return files, nil
}

// compressed returns content as gzip, the same bytes for the same content.
func compressed(content []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // can't fail: the level is valid
	w.Write(content)                                      // can't fail: in memory
	w.Close()
	return b.Bytes()
}

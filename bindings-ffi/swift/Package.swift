// swift-tools-version:5.9
import Foundation
import PackageDescription

// A release has the XCFramework that README.md says how to build; in the repository it is the library that Cargo builds.
let framework = "TidegateFFI.xcframework"
let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
let native: Target =
    FileManager.default.fileExists(atPath: here.appendingPathComponent(framework).path)
    ? .binaryTarget(name: "TidegateFFI", path: framework)
    : .systemLibrary(name: "TidegateFFI", path: "Sources/TidegateFFI")

let package = Package(
    name: "Tidegate",
    platforms: [.macOS(.v10_15), .iOS(.v13)],
    products: [.library(name: "Tidegate", targets: ["Tidegate"])],
    targets: [
        native,
        .target(
            name: "Tidegate",
            dependencies: ["TidegateFFI"],
            // Where the certificates of macOS are.
            linkerSettings: [
                .linkedFramework("Security", .when(platforms: [.macOS])),
                .linkedFramework("CoreFoundation", .when(platforms: [.macOS])),
            ]
        ),
        .testTarget(name: "TidegateTests", dependencies: ["Tidegate"]),
    ]
)
